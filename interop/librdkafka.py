"""librdkafka against rivvend: every codec, an idempotent producer, a group of two, leaving, resuming. One line a check."""
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition, libversion
from confluent_kafka.admin import AdminClient, NewTopic

address = sys.argv[1]
deadline = 30


def produce(topic, values, **options):
    producer = Producer({"bootstrap.servers": address, **options})
    failed = []
    for value in values:
        producer.produce(topic, value=value, key=value, on_delivery=lambda error, _: error and failed.append(error))
        producer.poll(0)
    assert producer.flush(deadline) == 0 and not failed, f"not delivered: {failed[:1]}"


def consumer(group, topic, **options):
    made = Consumer({"bootstrap.servers": address, "group.id": group, "auto.offset.reset": "earliest", "session.timeout.ms": 6000, "heartbeat.interval.ms": 300, **options})
    made.subscribe([topic])
    return made


def read(consumers, count):
    """Polls all of them until so many records have come."""
    seen = []
    end = time.monotonic() + deadline
    while len(seen) < count:
        assert time.monotonic() < end, f"{len(seen)} of {count} records came"
        for one in consumers:
            message = one.poll(0.05)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            seen.append(message.value().decode())
    return seen


def until(condition, consumers):
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, "it did not settle"
        for one in consumers:
            one.poll(0.05)


values = [f"v{n}" for n in range(500)]
print("librdkafka", libversion()[0])
for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    topic = f"librdkafka-{codec}"
    produce(topic, values, **{"compression.type": codec})
    one = consumer(f"g-{codec}", topic)
    assert sorted(read([one], len(values))) == sorted(values), codec
    one.close()
    print("  codec", codec)

produce("librdkafka-idempotent", values, **{"enable.idempotence": True})
one = consumer("g-idempotent", "librdkafka-idempotent")
assert sorted(read([one], len(values))) == sorted(values)
one.close()
print("  idempotent producer")

for strategy in ["range", "roundrobin", "cooperative-sticky"]:
    topic = f"librdkafka-group-{strategy}"
    admin = AdminClient({"bootstrap.servers": address})
    for future in admin.create_topics([NewTopic(topic, num_partitions=4, replication_factor=1)]).values():
        future.result()
    group = f"pair-{strategy}"
    pair = [consumer(group, topic, **{"partition.assignment.strategy": strategy}) for _ in range(2)]
    until(lambda: [len(one.assignment()) for one in pair] == [2, 2], pair)
    produce(topic, values)
    assert sorted(read(pair, len(values))) == sorted(values)
    pair[1].close()
    until(lambda: len(pair[0].assignment()) == 4, pair[:1])
    pair[0].close()
    produce(topic, ["one more"])
    resumed = consumer(group, topic, **{"partition.assignment.strategy": strategy})
    assert read([resumed], 1) == ["one more"], "it did not resume where it was"
    committed = resumed.committed([TopicPartition(topic, partition) for partition in range(4)])
    assert sum(max(0, entry.offset) for entry in committed) >= len(values)
    resumed.close()
    print("  a group of two,", strategy)

# Since 2.4 librdkafka knows the consumer protocol of KIP-848, which rivvend has not: it must say so instead of waiting.
if libversion()[1] >= 0x02040000:
    modern = Consumer({"bootstrap.servers": address, "group.id": "g-modern", "group.protocol": "consumer"})
    modern.subscribe(["librdkafka-none"])
    told = modern.poll(deadline)
    refusal = told and told.error()
    assert refusal and refusal.code() == KafkaError._FATAL, "group.protocol=consumer is not refused"
    modern.close()
    print("  group.protocol=consumer is refused with a fatal error")
