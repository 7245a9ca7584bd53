"""A member of librdkafka whose handler can be held: `address topic group strategy`; `hold` and `go` on stdin. Tells its events on stdout."""
import json
import sys
import threading

from confluent_kafka import Consumer, KafkaException

address, topic, group, strategy = sys.argv[1:]
over = threading.Event()
hold = threading.Event()
free = threading.Event()
free.set()


def listen():
    for line in sys.stdin:
        if line.strip() == "hold":
            free.clear()
            hold.set()
        else:
            free.set()
    over.set()


def tell(name, **more):
    print(json.dumps({"name": name, **more}), flush=True)


threading.Thread(target=listen, daemon=True).start()
consumer = Consumer(
    {
        "bootstrap.servers": address,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "session.timeout.ms": 10000,
        "heartbeat.interval.ms": 200,
        "partition.assignment.strategy": strategy,
    }
)
consumer.subscribe(
    [topic],
    on_revoke=lambda _, partitions: tell("revoked", partitions=[one.partition for one in partitions]),
    on_lost=lambda _, partitions: tell("lost", partitions=[one.partition for one in partitions]),
)


def commit(**what):
    try:
        consumer.commit(asynchronous=False, **what)
        return True
    except KafkaException as error:
        tell("failed", error=error.args[0].name())
        return error.args[0].name() == "_NO_OFFSET"


owed = False
while not over.is_set():
    message = consumer.poll(0.05)
    if message is None or message.error():
        if owed:
            owed = not commit()
        continue
    tell("seen", partition=message.partition(), offset=message.offset())
    if hold.is_set():
        hold.clear()
        tell("held")
        free.wait()
    owed = not commit(message=message)
consumer.close()
