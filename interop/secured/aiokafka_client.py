"""aiokafka as alice: reads what stands on stdin (JSON: programs.mjs), does it, and prints what came of it as JSON."""
import asyncio
import json
import logging
import ssl
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError, KafkaError

task = json.load(sys.stdin)
deadline = 30
names = {29: "TOPIC_AUTHORIZATION_FAILED", 30: "GROUP_AUTHORIZATION_FAILED", 58: "SASL_AUTHENTICATION_FAILED"}


class OneToken(AbstractTokenProvider):
    def __init__(self, token):
        self._token = token

    async def token(self):
        return self._token


def options(password=None):
    made = {"bootstrap_servers": task["servers"], "security_protocol": task["protocol"]}
    if task.get("mechanism") == "OAUTHBEARER":
        provider = OneToken(password or task["password"])
        made |= {"sasl_mechanism": task["mechanism"], "sasl_oauth_token_provider": provider}
    elif "mechanism" in task:
        made |= {"sasl_mechanism": task["mechanism"], "sasl_plain_username": task["username"]}
        made |= {"sasl_plain_password": password or task["password"]}
    if "ca" in task:
        context = made["ssl_context"] = ssl.create_default_context(cafile=task["ca"])
        if "certificate" in task:
            context.load_cert_chain(task["certificate"], task["key"])
    return made


class LastError(logging.Handler):
    """Why no broker can be reached is told to the log only."""

    def emit(self, record):
        self.seen = next((arg for arg in record.args if isinstance(arg, KafkaError)), None)


last_error = LastError()
logging.getLogger("aiokafka").addHandler(last_error)


async def error_of(doing):
    """The name of the error that it ends with, or None."""
    try:
        async with asyncio.timeout(deadline):
            await doing
    except KafkaError as error:
        cause = last_error.seen if isinstance(error, KafkaConnectionError) else error
        return names.get(cause.errno, repr(cause))


async def produce(topic, values, seconds=0, password=None):
    async def doing():
        async with AIOKafkaProducer(**options(password)) as producer:
            for value in values:
                await producer.send_and_wait(topic, value.encode())
                await asyncio.sleep(seconds / len(values))

    return await error_of(doing())


async def consume(topic, group, count):
    seen = []

    async def doing():
        consumer = AIOKafkaConsumer(topic, group_id=group, auto_offset_reset="earliest", **options())
        try:
            await consumer.start()
            while len(seen) < count:
                seen.append((await consumer.getone()).value.decode())
        finally:
            await consumer.stop()

    return seen, await error_of(doing())


async def all_rights(values):
    topic, group = task["topic"], task["group"]
    told = {"write": await produce(topic, values)}
    told["values"], told["read"] = await consume(topic, group, len(values))
    told["writeHidden"] = await produce("hidden", ["x"])
    told["writeLocked"] = await produce("locked", ["x"])
    told["readLocked"] = (await consume("locked", group, 1))[1]
    told["joinForbidden"] = (await consume(topic, "forbidden", 1))[1]
    if "wrong" in task:
        told["wrongPassword"] = await produce(topic, ["x"], password=task["wrong"])
    return told


async def for_seconds(values):
    topic, group = task["topic"], task["group"]
    (seen, read), write = await asyncio.gather(consume(topic, group, len(values)), produce(topic, values, task["seconds"]))
    return {"write": write, "read": read, "values": seen}


values = [f"v{n}" for n in range(task["count"])]
print(json.dumps(asyncio.run(for_seconds(values) if task["seconds"] > 0 else all_rights(values))))
