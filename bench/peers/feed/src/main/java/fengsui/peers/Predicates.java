package fengsui.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The stateless predicates of bench/predicates.py, and the plain loop over them. */
public final class Predicates {
  public record Condition(String field, String op, List<Object> values) implements Serializable {
    public Object value() { return values.get(0); }
  }
  public record Predicate(String id, String type, List<Condition> all) implements Serializable {}

  private Predicates() {}

  public static List<Predicate> read(Path file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<Predicate> predicates = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode node = json.readTree(line);
      List<Condition> all = new ArrayList<>();
      for (JsonNode condition : node.get("all")) {
        List<Object> values = new ArrayList<>();
        JsonNode value = condition.get("value");
        if (value.isArray()) value.forEach(one -> values.add(plain(one)));
        else values.add(plain(value));
        all.add(new Condition(condition.get("field").asText(), condition.get("op").asText(), values));
      }
      predicates.add(new Predicate(node.get("id").asText(), node.get("type").asText(), all));
    }
    return predicates;
  }

  private static Object plain(JsonNode node) {
    if (node.isBoolean()) return node.asBoolean();
    if (node.isInt()) return node.asInt();
    return node.isNumber() ? (Object) node.asDouble() : node.asText();
  }

  /** How many hold, asked one after the other, of the event's type alone. */
  public static final class Loop implements Serializable {
    private interface Test extends Serializable { boolean holds(CityEvent event); }
    private interface Text extends Serializable { String of(CityEvent event); }
    private interface Number extends Serializable { double of(CityEvent event); }

    private final Map<String, Test[][]> tests = new HashMap<>();

    public Loop(List<Predicate> predicates) {
      Map<String, List<Test[]>> by = new HashMap<>();
      for (Predicate predicate : predicates) {
        by.computeIfAbsent(predicate.type(), type -> new ArrayList<>())
            .add(predicate.all().stream().map(Loop::test).toArray(Test[]::new));
      }
      by.forEach((type, of) -> tests.put(type, of.toArray(Test[][]::new)));
    }

    public int matches(CityEvent event) {
      int count = 0;
      for (Test[] all : tests.getOrDefault(event.type, new Test[0][])) {
        boolean holds = true;
        for (int i = 0; holds && i < all.length; i++) holds = all[i].holds(event);
        if (holds) count++;
      }
      return count;
    }

    private static Test test(Condition condition) {
      Object value = condition.value();
      if (value instanceof Boolean wanted) {
        return condition.field().equals("verified")
            ? event -> ((CityEvent.Parcel) event).verified == wanted
            : event -> ((CityEvent.Stay) event).guardian_present == wanted;
      }
      if (value instanceof java.lang.Number bound) {
        Number field = number(condition.field());
        double than = bound.doubleValue();
        return switch (condition.op()) {
          case "gt" -> event -> field.of(event) > than;
          case "ge" -> event -> field.of(event) >= than;
          case "lt" -> event -> field.of(event) < than;
          default -> throw new IllegalArgumentException(condition.op());
        };
      }
      Text field = text(condition.field());
      if (condition.op().equals("eq")) return event -> value.equals(field.of(event));
      Object[] values = condition.values().toArray();
      return event -> {
        String is = field.of(event);
        for (Object one : values) if (one.equals(is)) return true;
        return false;
      };
    }

    private static Number number(String field) {
      return switch (field) {
        case "weight_kg" -> event -> ((CityEvent.Parcel) event).weight_kg;
        case "declared_value" -> event -> ((CityEvent.Parcel) event).declared_value;
        case "minors" -> event -> ((CityEvent.Stay) event).minors;
        default -> throw new IllegalArgumentException(field);
      };
    }

    private static Text text(String field) {
      return switch (field) {
        case "region" -> event -> event.region;
        case "grid" -> event -> event.grid;
        case "category" -> event -> ((CityEvent.Ticket) event).category;
        case "item_category" -> event -> ((CityEvent.Parcel) event).item_category;
        case "dest_region" -> event -> ((CityEvent.Parcel) event).dest_region;
        case "outlet" -> event -> ((CityEvent.Parcel) event).outlet;
        case "listing_id" -> event -> ((CityEvent.Stay) event).listing_id;
        default -> throw new IllegalArgumentException(field);
      };
    }
  }
}
