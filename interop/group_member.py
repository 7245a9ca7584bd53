"""A member of librdkafka for mixed groups: `address topic group strategy`; tells its events on stdout, leaves when stdin ends."""
import json
import sys
import threading

from confluent_kafka import Consumer

address, topic, group, strategy = sys.argv[1:]
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()


def tell(name, partitions):
    print(json.dumps({"name": name, "partitions": [one.partition for one in partitions]}), flush=True)


consumer = Consumer(
    {
        "bootstrap.servers": address,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "session.timeout.ms": 10000,
        "heartbeat.interval.ms": 200,
        "partition.assignment.strategy": strategy,
    }
)
consumer.subscribe(
    [topic],
    on_assign=lambda _, partitions: tell("assigned", partitions),
    on_revoke=lambda _, partitions: tell("revoked", partitions),
)
while not over.is_set():
    message = consumer.poll(0.05)
    if message is not None and not message.error():
        print(json.dumps({"name": "seen", "value": message.value().decode()}), flush=True)
consumer.close()
