"""librdkafka's transactions against rivvend: copies with offsets, aborts, a zombie, an open one that holds readers back."""
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

address = sys.argv[1]
deadline = 30
partitions = 3
admin = AdminClient({"bootstrap.servers": address})


def create(*topics):
    for future in admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1) for name in topics]).values():
        future.result()


def transactional(transactional_id, **options):
    producer = Producer({"bootstrap.servers": address, "transactional.id": transactional_id, "log_level": 0, **options})
    producer.init_transactions(deadline)
    return producer


def consumer(group, topic, isolation="read_committed"):
    made = Consumer({"bootstrap.servers": address, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False, "isolation.level": isolation})
    made.subscribe([topic])
    return made


def until_end(topic, isolation="read_committed"):
    """All values up to the end that this isolation level sees, read without a group."""
    options = {"group.id": "nobody", "enable.auto.commit": False, "enable.partition.eof": True}
    reader = Consumer({"bootstrap.servers": address, "isolation.level": isolation, **options})
    reader.assign([TopicPartition(topic, at, 0) for at in range(partitions)])
    values = []
    ended = set()
    end = time.monotonic() + deadline
    while len(ended) < partitions:
        assert time.monotonic() < end, f"only the ends of {ended} are reached"
        message = reader.poll(0.2)
        if message is None:
            continue
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
            ended.add(message.partition())
        else:
            values.append(message.value().decode())
    reader.close()
    return values


def copy(count, per_transaction, aborts):
    """Consume, transform, produce, in transactions; every third is aborted the first time."""
    reader = consumer("copiers", "txn-input")
    producer = transactional("copier")
    copied = 0
    attempt = 0
    end = time.monotonic() + deadline
    while copied < count:
        assert time.monotonic() < end, f"{copied} of {count} copied"
        messages = reader.consume(per_transaction, 0.5)
        if not messages:
            continue
        attempt += 1
        producer.begin_transaction()
        for message in messages:
            producer.produce("txn-output", value=message.value().upper())
        producer.send_offsets_to_transaction(reader.position(reader.assignment()), reader.consumer_group_metadata(), deadline)
        if aborts and attempt % 3 == 0:
            producer.flush(deadline)  # or they would never leave
            producer.abort_transaction(deadline)
            for where in reader.committed(reader.assignment(), deadline):
                reader.seek(TopicPartition(where.topic, where.partition, max(where.offset, 0)))
            continue
        producer.commit_transaction(deadline)
        copied += len(messages)
    committed = reader.committed(reader.assignment(), deadline)
    assert sum(max(0, where.offset) for where in committed) == count, committed
    reader.close()


values = [f"v{n}" for n in range(1000)]
create("txn-input", "txn-output", "txn-zombie", "txn-open")
plain = Producer({"bootstrap.servers": address})
for value in values:
    plain.produce("txn-input", value=value)
assert plain.flush(deadline) == 0
copy(len(values), 100, aborts=True)
copied = until_end("txn-output")
assert sorted(copied) == sorted(value.upper() for value in values), f"{len(copied)} records in the copy"
assert len(until_end("txn-output", "read_uncommitted")) > len(values), "nothing was aborted"
print("  consume, transform, produce with offsets and aborts")

zombie = transactional("fenced")
zombie.begin_transaction()
zombie.produce("txn-zombie", value="of the zombie")
zombie.flush(deadline)
successor = transactional("fenced")
try:
    zombie.produce("txn-zombie", value="too late")
    zombie.commit_transaction(deadline)
    raise AssertionError("the zombie committed")
except KafkaException as error:
    assert error.args[0].fatal() or error.args[0].txn_requires_abort(), error
successor.begin_transaction()
successor.produce("txn-zombie", value="of the successor")
successor.commit_transaction(deadline)
assert until_end("txn-zombie") == ["of the successor"]
print("  a zombie is fenced")

open_one = transactional("open")
open_one.begin_transaction()
open_one.produce("txn-open", value="first", partition=0)
open_one.flush(deadline)
plain.produce("txn-open", value="behind", partition=0)
assert plain.flush(deadline) == 0
assert until_end("txn-open") == [], "read_committed saw an open transaction, or what is behind it"
assert until_end("txn-open", "read_uncommitted") == ["first", "behind"]
open_one.commit_transaction(deadline)
assert until_end("txn-open") == ["first", "behind"]
print("  an open transaction holds readers of committed records back")

left = transactional("left", **{"transaction.timeout.ms": 1000})
left.begin_transaction()
left.produce("txn-open", value="left behind", partition=1)
left.flush(deadline)
end = time.monotonic() + deadline
plain.produce("txn-open", value="later", partition=1)
assert plain.flush(deadline) == 0
while "later" not in until_end("txn-open"):
    assert time.monotonic() < end, "the transaction that was left behind is still open"
assert sorted(until_end("txn-open")) == ["behind", "first", "later"]
print("  one that is left behind is aborted in time")
