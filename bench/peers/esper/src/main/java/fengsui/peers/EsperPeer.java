package fengsui.peers;

import com.espertech.esper.common.client.EPCompiled;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.DeploymentOptions;
import com.espertech.esper.runtime.client.EPEventService;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import com.espertech.esper.runtime.client.EPStatement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * rules EVENTS                       the six rules, event time, each event parsed by Jackson
 * predicates FILE EVENTS PASSES      the predicates; the last pass counts (the JVM is warm)
 */
public final class EsperPeer {
  private static final Map<String, String> STREAMS = Map.of("courier.parcel", "Parcel",
      "hotline.ticket", "Ticket", "hotline.update", "TicketUpdate", "homestay.checkin", "Stay");
  private static final String RULES = """
      @name('w1') select id from Parcel(item_category in
        ('gas_cylinder', 'solvent', 'fireworks', 'paint', 'battery'))#time(1 hour)
        group by sender_id having count(*) >= 3;
      create context Hourly start @now end after 1 hour;
      @name('w2') context Hourly select id from Ticket(
        text like '%煤气%' or text like '%燃气泄漏%' or text like '%漏气%')
        group by grid having count(*) >= 3;
      @name('w3') select id from Stay#time(24 hours)
        group by guest_id having count(distinct listing_id) >= 2;
      @name('w4') select id from Parcel#time(6 hours)
        group by receiver_id having sum(declared_value) >= 20000;
      @name('q1_pairs') select a.id, b.id from pattern [every a=Stay ->
        (every b=Parcel(sender_id = a.guest_id and region != a.region)) where timer:within(30 min)];
      @name('q2') select a.id from pattern [every a=Ticket(category in ('gas', 'fire')) ->
        (timer:interval(30 min) and not TicketUpdate(ticket_id = a.ticket_id and
          status in ('dispatched', 'handled', 'closed')))];
      """;

  private final Configuration configuration = new Configuration();
  private final EPRuntime runtime;
  private final Map<String, Long> counts = new TreeMap<>();

  private EsperPeer() {
    configuration.getRuntime().getThreading().setInternalTimerEnabled(false);
    configuration.getCommon().addEventType("Parcel", CityEvent.Parcel.class);
    configuration.getCommon().addEventType("Ticket", CityEvent.Ticket.class);
    configuration.getCommon().addEventType("TicketUpdate", CityEvent.Update.class);
    configuration.getCommon().addEventType("Stay", CityEvent.Stay.class);
    runtime = EPRuntimeProvider.getRuntime("peer", configuration);
  }

  public static void main(String[] args) throws Exception {
    EsperPeer peer = new EsperPeer();
    if (args[0].equals("rules")) peer.rules(Path.of(args[1]));
    else peer.predicates(Path.of(args[1]), Path.of(args[2]), Integer.parseInt(args[3]));
    System.exit(0);
  }

  private EPCompiled compile(String text) throws Exception {
    return EPCompilerProvider.getCompiler().compile(text, new CompilerArguments(configuration));
  }

  private void count(EPStatement statement, String as) {
    counts.putIfAbsent(as, 0L);
    statement.addListener((fresh, old, from, in) -> {
      if (fresh != null) counts.merge(as, (long) fresh.length, Long::sum);
    });
  }

  private void rules(Path events) throws Exception {
    // An hour's start: from there on w2's context ends with each hour.
    EPEventService service = runtime.getEventService();
    service.advanceTime(Feed.parse("{\"time\":\"2026-03-01T00:00:00.000Z\",\"type\":\"hotline.update\","
        + "\"data\":{}}").time);
    Report load = new Report();
    for (EPStatement statement : runtime.getDeploymentService().deploy(compile(RULES)).getStatements()) {
      if (statement.getName().length() <= 8 && statement.getName().matches("[wq].*")) {
        count(statement, statement.getName());
      }
    }
    double loaded = load.cpuSeconds();
    Report report = new Report();
    long[] read = {0, Long.MIN_VALUE};
    Feed.forEachLine(events, line -> {
      CityEvent event = parsed(line);
      if (event.time > read[1]) service.advanceTime(read[1] = event.time);
      service.sendEventBean(event, STREAMS.get(event.type));
      read[0]++;
    });
    report.print(read[0], loaded, counts);
  }

  private void predicates(Path file, Path events, int passes) throws Exception {
    Report load = new Report();
    Map<String, EPCompiled> shapes = new HashMap<>();
    for (Predicates.Predicate predicate : Predicates.read(file)) deploy(predicate, shapes);
    double loaded = load.cpuSeconds();
    List<byte[]> lines = new ArrayList<>();
    Feed.forEachLine(events, lines::add);
    EPEventService service = runtime.getEventService();
    for (int pass = 1; pass <= passes; pass++) {
      counts.replaceAll((name, count) -> 0L);
      Report report = new Report();
      for (byte[] line : lines) {
        CityEvent event = parsed(line);
        service.sendEventBean(event, STREAMS.get(event.type));
      }
      if (pass == passes) report.print(lines.size(), loaded, counts);
    }
  }

  /** Predicates of one shape share a compilation; their constants are its parameters. */
  private void deploy(Predicates.Predicate predicate, Map<String, EPCompiled> shapes) throws Exception {
    List<Object> values = new ArrayList<>();
    List<String> tests = new ArrayList<>();
    for (Predicates.Condition condition : predicate.all()) tests.add(test(condition, values));
    String text = "select * from " + STREAMS.get(predicate.type()) + "(" + String.join(" and ", tests) + ")";
    if (!shapes.containsKey(text)) shapes.put(text, compile(text));
    DeploymentOptions options = new DeploymentOptions();
    options.setStatementSubstitutionParameter(of -> {
      for (int i = 0; i < values.size(); i++) of.setObject("v" + i, values.get(i));
    });
    for (EPStatement statement
        : runtime.getDeploymentService().deploy(shapes.get(text), options).getStatements()) {
      count(statement, "matches");
    }
  }

  private static String test(Predicates.Condition condition, List<Object> values) {
    List<String> parameters = new ArrayList<>();
    for (Object value : condition.values()) {
      String kind = value instanceof Boolean ? "boolean" : value instanceof Integer ? "int"
          : value instanceof Double ? "double" : "string";
      parameters.add("?:v" + values.size() + ":" + kind);
      values.add(value);
    }
    String list = String.join(", ", parameters);
    return switch (condition.op()) {
      case "eq" -> condition.field() + " = " + list;
      case "in" -> condition.field() + " in (" + list + ")";
      case "gt" -> condition.field() + " > " + list;
      case "ge" -> condition.field() + " >= " + list;
      default -> condition.field() + " < " + list;
    };
  }

  private static CityEvent parsed(byte[] line) {
    try {
      return Feed.parse(line);
    } catch (java.io.IOException wrong) {
      throw new java.io.UncheckedIOException(wrong);
    }
  }
}
