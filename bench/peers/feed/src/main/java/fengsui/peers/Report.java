package fengsui.peers;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** What one phase cost the process, as the line of JSON that compare.py reads. */
public final class Report {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final long wall = System.nanoTime();
  private final long cpu = PROCESS.getProcessCpuTime();

  /** Seconds of processor time since this was made, all threads: the JIT's and the collector's too. */
  public double cpuSeconds() { return (PROCESS.getProcessCpuTime() - cpu) / 1e9; }

  public void print(long events, double loadSeconds, Map<String, Long> counts) throws IOException {
    double seconds = cpuSeconds();
    String counted = counts.entrySet().stream()
        .map(one -> "\"" + one.getKey() + "\": " + one.getValue()).collect(Collectors.joining(", "));
    System.out.printf("{\"events\": %d, \"ns\": %.1f, \"wall_s\": %.2f, \"load_s\": %.3f, "
            + "\"rss_mb\": %d, \"counts\": {%s}}%n",
        events, seconds * 1e9 / events, (System.nanoTime() - wall) / 1e9, loadSeconds,
        peakMegabytes(), counted);
  }

  private static long peakMegabytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst().orElse(0);
  }
}
