package fengsui.peers;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * The six rules as keyed functions: of an event (key, time, value) is what a rule needs. A key's state
 * goes by one timer, set while it has any.
 */
final class FlinkRules {
  private static final long MINUTE = 60_000, HOUR = 3_600_000;
  private static final Set<String> HAZARDS =
      new HashSet<>(Set.of("gas_cylinder", "solvent", "fireworks", "paint", "battery"));
  private static final Set<String> ANSWERED =
      new HashSet<>(Set.of("dispatched", "handled", "closed"));

  private static final TypeInformation<Tuple3<String, Long, String>> SLIM =
      Types.TUPLE(Types.STRING, Types.LONG, Types.STRING);

  /** What a rule reads of an event, or null where it does not count. */
  private interface Reading extends Serializable {
    Tuple3<String, Long, String> of(CityEvent event);
  }

  private FlinkRules() {}

  static void add(DataStream<CityEvent> parsed, long last) {
    DataStream<CityEvent> events = parsed.assignTimestampsAndWatermarks(
        WatermarkStrategy.<CityEvent>forMonotonousTimestamps()
            .withTimestampAssigner((event, before) -> event.time));
    rule(events, new Sliding("w1", HOUR, list -> list.size() >= 3),
        event -> event instanceof CityEvent.Parcel parcel && HAZARDS.contains(parcel.item_category)
            ? Tuple3.of(parcel.sender_id, event.time, "") : null);
    rule(events, new Tumbling("w2"),
        event -> event instanceof CityEvent.Ticket ticket && isGas(ticket.text)
            ? Tuple3.of(event.grid, event.time, "") : null);
    rule(events, new Sliding("w3", 24 * HOUR, FlinkRules::differ),
        event -> event instanceof CityEvent.Stay stay
            ? Tuple3.of(stay.guest_id, event.time, stay.listing_id) : null);
    rule(events, new Sums("w4"),
        event -> event instanceof CityEvent.Parcel parcel
            ? Tuple3.of(parcel.receiver_id, event.time, Double.toString(parcel.declared_value)) : null);
    rule(events, new StayThenParcel("q1_newest"), event -> {
      if (event instanceof CityEvent.Stay stay) {
        return Tuple3.of(stay.guest_id, event.time, "stay " + event.region);
      }
      return event instanceof CityEvent.Parcel parcel
          ? Tuple3.of(parcel.sender_id, event.time, event.region) : null;
    });
    rule(events, new Unanswered("q2", last), event -> {
      if (event instanceof CityEvent.Ticket ticket) {
        boolean reported = ticket.category.equals("gas") || ticket.category.equals("fire");
        return reported ? Tuple3.of(ticket.ticket_id, event.time, "report") : null;
      }
      return event instanceof CityEvent.Update update && ANSWERED.contains(update.status)
          ? Tuple3.of(update.ticket_id, event.time, "answer") : null;
    });
  }

  private static boolean isGas(String text) {
    return text.contains("煤气") || text.contains("燃气泄漏") || text.contains("漏气");
  }

  private static boolean differ(List<Tuple3<String, Long, String>> list) {
    String first = list.get(0).f2;
    return list.stream().anyMatch(one -> !one.f2.equals(first));
  }

  private static void rule(DataStream<CityEvent> events, Rule rule, Reading reading) {
    FlinkPeer.sink(events
        .flatMap((CityEvent event, Collector<Tuple3<String, Long, String>> out) -> {
          Tuple3<String, Long, String> read = reading.of(event);
          if (read != null) out.collect(read);
        }).returns(SLIM)
        .keyBy(read -> read.f0, Types.STRING)
        .process(rule).returns(Types.LONG));
  }

  private abstract static class Rule
      extends KeyedProcessFunction<String, Tuple3<String, Long, String>, Long> {
    private final String name;
    private final LongCounter hits = new LongCounter();

    Rule(String name) { this.name = name; }

    @Override public void open(OpenContext context) throws Exception {
      getRuntimeContext().addAccumulator(name, hits);
    }
    void hit(long time, Collector<Long> out) {
      hits.add(1);
      out.collect(time);
    }
    <T> ValueState<T> value(TypeInformation<T> type) {
      return getRuntimeContext().getState(new ValueStateDescriptor<>("value", type));
    }
  }

  private interface Condition extends Serializable {
    boolean holds(List<Tuple3<String, Long, String>> window);
  }

  private static final class Sliding extends Rule {
    private final long length;
    private final Condition condition;
    private transient ListState<Tuple3<String, Long, String>> kept;

    Sliding(String name, long length, Condition condition) {
      super(name);
      this.length = length;
      this.condition = condition;
    }
    @Override public void open(OpenContext context) throws Exception {
      super.open(context);
      kept = getRuntimeContext().getListState(new ListStateDescriptor<>("kept", SLIM));
    }
    @Override public void processElement(Tuple3<String, Long, String> read, Context context,
        Collector<Long> out) throws Exception {
      List<Tuple3<String, Long, String>> window = new ArrayList<>();
      boolean fresh = true;
      for (Tuple3<String, Long, String> one : kept.get()) {
        fresh = false;
        if (one.f1 > read.f1 - length) window.add(one);
      }
      window.add(Tuple3.of("", read.f1, read.f2));
      kept.update(window);
      if (fresh) context.timerService().registerEventTimeTimer(read.f1 + length);
      if (condition.holds(window)) hit(read.f1, out);
    }
    @Override public void onTimer(long time, OnTimerContext context, Collector<Long> out)
        throws Exception {
      long newest = Long.MIN_VALUE;
      for (Tuple3<String, Long, String> one : kept.get()) newest = one.f1;
      if (newest <= time - length) kept.clear();
      else context.timerService().registerEventTimeTimer(newest + length);
    }
  }

  /** w4, with doubles in its state. */
  private static final class Sums extends Rule {
    private static final long LENGTH = 6 * HOUR;
    private transient ListState<Tuple2<Long, Double>> kept;

    Sums(String name) { super(name); }

    @Override public void open(OpenContext context) throws Exception {
      super.open(context);
      kept = getRuntimeContext().getListState(
          new ListStateDescriptor<>("kept", Types.TUPLE(Types.LONG, Types.DOUBLE)));
    }
    @Override public void processElement(Tuple3<String, Long, String> read, Context context,
        Collector<Long> out) throws Exception {
      List<Tuple2<Long, Double>> window = new ArrayList<>();
      boolean fresh = true;
      double sum = Double.parseDouble(read.f2);
      double own = sum;
      for (var one : kept.get()) {
        fresh = false;
        if (one.f0 > read.f1 - LENGTH) {
          window.add(one);
          sum += one.f1;
        }
      }
      window.add(Tuple2.of(read.f1, own));
      kept.update(window);
      if (fresh) context.timerService().registerEventTimeTimer(read.f1 + LENGTH);
      if (sum >= 20_000) hit(read.f1, out);
    }
    @Override public void onTimer(long time, OnTimerContext context, Collector<Long> out)
        throws Exception {
      long newest = Long.MIN_VALUE;
      for (var one : kept.get()) newest = one.f0;
      if (newest <= time - LENGTH) kept.clear();
      else context.timerService().registerEventTimeTimer(newest + LENGTH);
    }
  }

  private static final class Tumbling extends Rule {
    private transient ValueState<Tuple3<Long, Integer, Boolean>> counted;

    Tumbling(String name) { super(name); }

    @Override public void open(OpenContext context) throws Exception {
      super.open(context);
      counted = value(Types.TUPLE(Types.LONG, Types.INT, Types.BOOLEAN));
    }
    @Override public void processElement(Tuple3<String, Long, String> read, Context context,
        Collector<Long> out) throws Exception {
      long hour = read.f1 / HOUR;
      Tuple3<Long, Integer, Boolean> now = counted.value();
      if (now == null || now.f0 != hour) {
        now = Tuple3.of(hour, 0, true);
        context.timerService().registerEventTimeTimer((hour + 1) * HOUR);
      }
      now = Tuple3.of(hour, now.f1 + 1, true);
      counted.update(now);
      if (now.f1 >= 3) hit(read.f1, out);
    }
    @Override public void onTimer(long time, OnTimerContext context, Collector<Long> out)
        throws Exception {
      Tuple3<Long, Integer, Boolean> now = counted.value();
      if (now != null && (now.f0 + 1) * HOUR <= time) counted.clear();
    }
  }

  /** The newest stay alone is kept. */
  private static final class StayThenParcel extends Rule {
    private static final long WITHIN = 30 * MINUTE;
    private transient ValueState<Tuple3<String, Long, String>> stay;

    StayThenParcel(String name) { super(name); }

    @Override public void open(OpenContext context) throws Exception {
      super.open(context);
      stay = value(SLIM);
    }
    @Override public void processElement(Tuple3<String, Long, String> read, Context context,
        Collector<Long> out) throws Exception {
      Tuple3<String, Long, String> newest = stay.value();
      if (read.f2.startsWith("stay ")) {
        stay.update(Tuple3.of("", read.f1, read.f2.substring(5)));
        if (newest == null) context.timerService().registerEventTimeTimer(read.f1 + WITHIN);
      } else if (newest != null && read.f1 - newest.f1 < WITHIN && !newest.f2.equals(read.f2)) {
        hit(read.f1, out);
      }
    }
    @Override public void onTimer(long time, OnTimerContext context, Collector<Long> out)
        throws Exception {
      long due = stay.value().f1 + WITHIN;
      if (due <= time) stay.clear();
      else context.timerService().registerEventTimeTimer(due);
    }
  }

  private static final class Unanswered extends Rule {
    private static final long WITHIN = 30 * MINUTE;
    private final long last;
    private transient ValueState<Long> reported;

    Unanswered(String name, long last) {
      super(name);
      this.last = last;
    }
    @Override public void open(OpenContext context) throws Exception {
      super.open(context);
      reported = value(Types.LONG);
    }
    @Override public void processElement(Tuple3<String, Long, String> read, Context context,
        Collector<Long> out) throws Exception {
      Long since = reported.value();
      if (read.f2.equals("report")) {
        reported.update(read.f1);
        context.timerService().registerEventTimeTimer(read.f1 + WITHIN);
      } else if (since != null && read.f1 < since + WITHIN) {
        reported.clear();
        context.timerService().deleteEventTimeTimer(since + WITHIN);
      }
    }
    // At the end of input all timers fire; those behind the last event are none of the truth.
    @Override public void onTimer(long time, OnTimerContext context, Collector<Long> out)
        throws Exception {
      reported.clear();
      if (time <= last) hit(time, out);
    }
  }
}
