#!/bin/bash
# kafka.sh format|run|command PORT: Apache Kafka 4.3.1 as one KRaft node on 127.0.0.1:PORT (controller PORT+10000), to be
# measured. 'format' lays an empty data folder, 'run' becomes the broker itself (exec, so this process id is the JVM's).
# Server settings are Kafka's defaults but for the lines below; heap and JVM flags are those of its own start script.
#   WORK       where data, configuration and log go   (default: a folder bench/ in the system temp folder)
#   TLS        a PEM file with certificate and key: a listener with TLS on PORT+5000, too
#   (Kafka's jars come from Maven the first time: ../kafka/classpath.sh)
set -euo pipefail
verb=${1:?format or run} port=${2:?port}
WORK=${WORK:-$(dirname "$(mktemp -u)")/bench}
source "$(dirname "${BASH_SOURCE[0]}")/classpath.sh"
dir=$WORK/kafka-$port
mkdir -p "$dir"
cat >"$dir/server.properties" <<J
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 10000))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 10000))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/data
num.partitions=6
auto.create.topics.enable=true
default.replication.factor=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# deleted topics of earlier runs give disk and page cache back at once, not after a minute: same memory for each run
log.segment.delete.delay.ms=500
J
if [[ -n ${TLS:-} ]]; then # one more listener
  cat >>"$dir/server.properties" <<J
listeners=PLAINTEXT://127.0.0.1:$port,SSL://127.0.0.1:$((port + 5000)),CONTROLLER://127.0.0.1:$((port + 10000))
advertised.listeners=PLAINTEXT://127.0.0.1:$port,SSL://127.0.0.1:$((port + 5000))
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location=$TLS
J
fi
classes=$(kafka_classpath)
case $verb in
  format)
    rm -rf "$dir/data"
    java -cp "$classes" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c "$dir/server.properties" >"$dir/format.log" 2>&1
    ;;
  run)
    exec java -Xms1g -Xmx1g -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 \
      -XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15 -Djava.awt.headless=true \
      -cp "$classes" kafka.Kafka "$dir/server.properties" >>"$dir/server.log" 2>&1
    ;;
  *) sed -n '2,7p' "$0"; exit 2 ;;
esac
