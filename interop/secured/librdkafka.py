"""librdkafka as alice: reads what stands on stdin (JSON: programs.mjs), does it, and prints what came of it as JSON."""
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

task = json.load(sys.stdin)
deadline = 30


def options(**more):
    keys = {
        "servers": "bootstrap.servers",
        "protocol": "security.protocol",
        "mechanism": "sasl.mechanism",
        "username": "sasl.username",
        "password": "sasl.password",
        "ca": "ssl.ca.location",
        "certificate": "ssl.certificate.location",
        "key": "ssl.key.location",
    }
    made = {**{key: task[name] for name, key in keys.items() if name in task}, "log_level": 0, **more}
    if task.get("mechanism") == "OAUTHBEARER":
        token = made.pop("sasl.password")
        made["oauth_cb"] = lambda _: (token, time.time() + 3600)
    return made


def produce(topic, values, seconds=0, **more):
    """Returns the name of the first error, or None."""
    failed = []
    producer = Producer(options(**{"error_cb": failed.append, **more}))
    for value in values:
        producer.produce(topic, value=value, on_delivery=lambda error, _: error and failed.append(error))
        producer.poll(0)
        time.sleep(seconds / len(values))
    end = time.monotonic() + deadline
    while len(producer) > 0 and not any(error.code() == KafkaError._AUTHENTICATION for error in failed):
        assert time.monotonic() < end, f"{topic}: not delivered: {failed}"
        producer.poll(0.1)
    return serious(failed)


def name(error):
    return "SASL_AUTHENTICATION_FAILED" if error.code() == KafkaError._AUTHENTICATION else error.name()


def serious(errors):
    """A session that ends closes its idle connection, which librdkafka tells as an error of transport."""
    passing = (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN)
    return next((name(error) for error in errors if error.code() not in passing), None)


def consume(topic, group, count):
    """Returns values that came, and the name of an error, or None."""
    consumer = Consumer(options(**{"group.id": group, "auto.offset.reset": "earliest"}))
    consumer.subscribe([topic])
    seen = []
    end = time.monotonic() + deadline
    try:
        while len(seen) < count:
            assert time.monotonic() < end, f"{topic}: {len(seen)} of {count} records came"
            message = consumer.poll(0.1)
            if message is None or (message.error() and message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART):
                continue  # the topic is made at this moment
            if message.error():
                return seen, name(message.error())
            seen.append(message.value().decode())
        return seen, None
    except KafkaException as error:
        return seen, name(error.args[0])
    finally:
        consumer.close()


def all_rights(values):
    topic, group = task["topic"], task["group"]
    told = {"write": produce(topic, values)}
    told["values"], told["read"] = consume(topic, group, len(values))
    told["writeHidden"] = produce("hidden", ["x"])
    told["writeLocked"] = produce("locked", ["x"])
    told["readLocked"] = consume("locked", group, 1)[1]
    told["joinForbidden"] = consume(topic, "forbidden", 1)[1]
    if "password" in task:
        told["wrongPassword"] = produce(topic, ["x"], **{"sasl.password": task["wrong"]})
    return told


def for_seconds(values):
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(consume, task["topic"], task["group"], len(values))
        write = produce(task["topic"], values, task["seconds"])
        seen, read = reading.result()
    return {"write": write, "read": read, "values": seen}


values = [f"v{n}" for n in range(task["count"])]
print(json.dumps(for_seconds(values) if task["seconds"] > 0 else all_rights(values)))
