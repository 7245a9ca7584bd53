// Kafka's Java client as alice: reads what stands on stdin (JSON: programs.mjs), does it, and prints what came of it as JSON.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

class Secured {
  static final Duration deadline = Duration.ofSeconds(30);
  final JsonNode task;

  Secured(JsonNode task) { this.task = task; }

  String text(String name) { return task.path(name).asText(null); }

  Map<String, Object> options(String password) throws Exception {
    Map<String, Object> options = new HashMap<>(Map.of("bootstrap.servers", text("servers"), "security.protocol", text("protocol")));
    if (task.has("ca")) options.putAll(Map.of("ssl.truststore.type", "PEM", "ssl.truststore.location", text("ca")));
    if (task.has("certificate")) {
      options.put("ssl.keystore.type", "PEM");
      options.put("ssl.keystore.certificate.chain", Files.readString(Path.of(text("certificate"))));
      options.put("ssl.keystore.key", Files.readString(Path.of(text("key"))));
    }
    if ("OAUTHBEARER".equals(text("mechanism"))) {
      options.put("sasl.mechanism", text("mechanism"));
      options.put("sasl.jaas.config", OAuthBearerLoginModule.class.getName() + " required token=\"" + password + "\";");
      options.put("sasl.login.callback.handler.class", OneToken.class);
    } else if (task.has("mechanism")) {
      String module = text("mechanism").equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
      options.put("sasl.mechanism", text("mechanism"));
      options.put("sasl.jaas.config", "org.apache.kafka.common.security." + module + " required username=\"" + text("username") + "\" password=\"" + password + "\";");
    }
    return options;
  }

  /** Hands out the token that the JAAS text has. */
  public static class OneToken implements AuthenticateCallbackHandler {
    private String token;

    @Override public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
      token = (String) entries.get(0).getOptions().get("token");
    }

    @Override public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
      for (Callback callback : callbacks) {
        if (!(callback instanceof OAuthBearerTokenCallback)) throw new UnsupportedCallbackException(callback);
        ((OAuthBearerTokenCallback) callback).token(new OAuthBearerToken() {
          @Override public String value() { return token; }
          @Override public Set<String> scope() { return Set.of(); }
          @Override public long lifetimeMs() { return System.currentTimeMillis() + 3_600_000; }
          @Override public String principalName() { return "alice"; }
          @Override public Long startTimeMs() { return null; }
        });
      }
    }

    @Override public void close() {}
  }

  interface Doing { void run() throws Exception; }

  /** Kafka's name of the error that it ends with, or null. */
  static String errorOf(Doing doing) {
    try {
      doing.run();
      return null;
    } catch (Exception failure) {
      Throwable error = failure instanceof ExecutionException ? failure.getCause() : failure;
      Errors known = Errors.forException(error);
      return known == Errors.UNKNOWN_SERVER_ERROR ? error.toString() : known.name();
    }
  }

  String produce(String topic, List<String> values, String password) {
    return errorOf(() -> {
      try (KafkaProducer<String, String> producer = new KafkaProducer<>(options(password), new StringSerializer(), new StringSerializer())) {
        for (String value : values) {
          producer.send(new ProducerRecord<>(topic, value)).get();
          Thread.sleep((long) (task.get("seconds").asDouble() * 1000 / values.size()));
        }
        tell(producer.metrics());
      }
    });
  }

  String consume(String topic, String group, int count, List<String> seen) {
    return errorOf(() -> {
      Map<String, Object> options = options(text("password"));
      options.putAll(Map.of("group.id", group, "auto.offset.reset", "earliest"));
      try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(options, new StringDeserializer(), new StringDeserializer())) {
        consumer.subscribe(List.of(topic));
        long end = System.nanoTime() + deadline.toNanos();
        while (seen.size() < count) {
          if (System.nanoTime() > end) throw new IllegalStateException(seen.size() + " of " + count + " records came");
          consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
        }
        tell(consumer.metrics());
      }
    });
  }

  double reauthentications;

  /** How often it has logged in again, on connections that were open. */
  synchronized void tell(Map<?, ? extends org.apache.kafka.common.Metric> metrics) {
    metrics.values().stream().filter(metric -> metric.metricName().name().equals("successful-reauthentication-total"))
      .forEach(metric -> reauthentications += (Double) metric.metricValue());
  }

  Map<String, Object> allRights(List<String> values) {
    Map<String, Object> told = new LinkedHashMap<>();
    List<String> seen = new ArrayList<>();
    told.put("write", produce(text("topic"), values, text("password")));
    told.put("read", consume(text("topic"), text("group"), values.size(), seen));
    told.put("values", seen);
    told.put("writeHidden", produce("hidden", List.of("x"), text("password")));
    told.put("writeLocked", produce("locked", List.of("x"), text("password")));
    told.put("readLocked", consume("locked", text("group"), 1, new ArrayList<>()));
    told.put("joinForbidden", consume(text("topic"), "forbidden", 1, new ArrayList<>()));
    if (task.has("password")) told.put("wrongPassword", produce(text("topic"), List.of("x"), text("wrong")));
    return told;
  }

  Map<String, Object> forSeconds(List<String> values) throws Exception {
    Map<String, Object> told = new LinkedHashMap<>();
    List<String> seen = new ArrayList<>();
    CompletableFuture<String> reading = CompletableFuture.supplyAsync(() -> consume(text("topic"), text("group"), values.size(), seen));
    told.put("write", produce(text("topic"), values, text("password")));
    told.put("read", reading.get());
    told.put("values", seen);
    told.put("reauthentications", reauthentications);
    return told;
  }

  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper();
    Secured secured = new Secured(json.readTree(System.in));
    List<String> values = IntStream.range(0, secured.task.get("count").asInt()).mapToObj(at -> "v" + at).toList();
    boolean isLong = secured.task.get("seconds").asDouble() > 0;
    System.out.println(json.writeValueAsString(isLong ? secured.forSeconds(values) : secured.allRights(values)));
  }
}
