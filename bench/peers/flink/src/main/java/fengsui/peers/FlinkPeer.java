package fengsui.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * rules EVENTS heap|rocksdb LAST     the six rules, checkpoints once a second; LAST: the newest event's time
 * predicates FILE EVENTS             the plain loop in a map function
 */
public final class FlinkPeer {
  private FlinkPeer() {}

  public static void main(String[] args) throws Exception {
    boolean rules = args[0].equals("rules");
    Path events = Path.of(args[rules ? 1 : 2]);
    Path checkpoints = Files.createTempDirectory("flink-peer");
    Configuration settings = new Configuration();
    settings.setString("state.backend.type",
        rules && args[2].equals("rocksdb") ? "rocksdb" : "hashmap");
    settings.setString("execution.checkpointing.incremental", "true");
    settings.setString("execution.checkpointing.storage", "filesystem");
    settings.setString("execution.checkpointing.dir", checkpoints.toUri().toString());
    settings.setString("execution.checkpointing.interval", "1 s");
    settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("taskmanager.memory.managed.size", "512m");
    settings.setString("taskmanager.numberOfTaskSlots", "1");
    settings.setString("restart-strategy.type", "none");
    StreamExecutionEnvironment job =
        StreamExecutionEnvironment.createLocalEnvironment(1, settings);
    DataStream<CityEvent> parsed = job
        .fromSource(FileSource.forRecordStreamFormat(new TextLineInputFormat(),
                new org.apache.flink.core.fs.Path(events.toUri())).build(),
            WatermarkStrategy.noWatermarks(), "events")
        .map(new Parse()).returns(Types.GENERIC(CityEvent.class));
    if (rules) FlinkRules.add(parsed, Long.parseLong(args[3]));
    else sink(parsed.map(new Ask(args[1])).returns(Types.INT));
    Report report = new Report();
    JobExecutionResult result = job.execute();
    Map<String, Long> counts = new TreeMap<>();
    result.getAllAccumulatorResults().forEach((name, count) -> counts.put(name, (Long) count));
    long read = counts.remove("events");
    report.print(read, 0, counts);
    System.exit(0);
  }

  static void sink(SingleOutputStreamOperator<?> stream) {
    stream.sinkTo(new DiscardingSink<>());
  }

  private static final class Parse extends RichMapFunction<String, CityEvent> {
    private final LongCounter events = new LongCounter();

    @Override public void open(OpenContext context) {
      getRuntimeContext().addAccumulator("events", events);
    }
    @Override public CityEvent map(String line) throws Exception {
      events.add(1);
      return Feed.parse(line);
    }
  }

  private static final class Ask extends RichMapFunction<CityEvent, Integer> {
    private final String file;
    private final LongCounter matches = new LongCounter();
    private transient Predicates.Loop loop;

    Ask(String file) { this.file = file; }

    @Override public void open(OpenContext context) throws Exception {
      loop = new Predicates.Loop(Predicates.read(Path.of(file)));
      getRuntimeContext().addAccumulator("matches", matches);
    }
    @Override public Integer map(CityEvent event) {
      int count = loop.matches(event);
      matches.add(count);
      return count;
    }
  }
}
