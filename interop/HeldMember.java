// A member of Kafka's own client whose handler can be held: `address topic group assignor`; `hold` and `go` on stdin. Tells its events on
// stdout. Run as a source file: java -cp CLASSPATH HeldMember.java ...
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.Scanner;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public class HeldMember {
    static volatile boolean isOver = false;
    static volatile CountDownLatch gate = null;
    static boolean isOwed = false;

    public static void main(String[] args) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("group.id", args[2]);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        settings.put("session.timeout.ms", "10000");
        settings.put("heartbeat.interval.ms", "200");
        settings.put("metadata.max.age.ms", "2000");
        settings.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer." + args[3]);
        Thread listening = new Thread(HeldMember::listen);
        listening.setDaemon(true);
        listening.start();
        try (var consumer = new KafkaConsumer<String, String>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(args[1]), new Telling());
            while (!isOver) {
                var records = consumer.poll(Duration.ofMillis(50));
                for (var record : records) handle(record.partition(), record.offset());
                if (isOwed || !records.isEmpty()) isOwed = !commit(consumer);
            }
        }
    }

    static void handle(int partition, long offset) {
        tell("{\"name\":\"seen\",\"partition\":" + partition + ",\"offset\":" + offset + "}");
        CountDownLatch held = gate;
        if (held == null || held.getCount() == 0) return;
        tell("{\"name\":\"held\"}");
        try {
            held.await();
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    static boolean commit(KafkaConsumer<String, String> consumer) {
        try {
            consumer.commitSync();
            return true;
        } catch (CommitFailedException error) {
            tell("{\"name\":\"failed\",\"error\":\"CommitFailedException\"}");
        } catch (KafkaException error) {
            tell("{\"name\":\"failed\",\"error\":\"" + error.getClass().getSimpleName() + "\"}");
        }
        return false;
    }

    static void listen() {
        try (Scanner lines = new Scanner(System.in)) {
            while (lines.hasNextLine()) {
                if (lines.nextLine().equals("hold")) gate = new CountDownLatch(1);
                else if (gate != null) gate.countDown();
            }
        }
        isOver = true;
    }

    static synchronized void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }

    static class Telling implements ConsumerRebalanceListener {
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}

        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            if (!partitions.isEmpty()) tell("{\"name\":\"revoked\"}");
        }

        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            tell("{\"name\":\"lost\"}");
        }
    }
}
