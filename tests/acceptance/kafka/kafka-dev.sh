#!/usr/bin/env bash
# A real Apache Kafka (KRaft) on loopback for development and tests.
#
#   kafka-dev.sh install          resolve the jars pinned in pom.xml into the cache
#   kafka-dev.sh archive          optional, after install: make a class archive (CDS), which makes
#                                 starts faster; runs a throw-away node
#   kafka-dev.sh start  [NODE]    format the storage if new, start, wait until ready
#   kafka-dev.sh fresh            wipe, then start: what a test run begins with
#   kafka-dev.sh stop   [NODE]    orderly stop (SIGTERM)
#   kafka-dev.sh kill   [NODE]    crash (SIGKILL); the data stays, so 'start' recovers it
#   kafka-dev.sh status [NODE]    pid, resident memory and address of each node
#   kafka-dev.sh address          bootstrap servers, as clients want them
#   kafka-dev.sh wipe             kill and delete the data
#   kafka-dev.sh tool CLASS ...   run a command-line tool, e.g. TopicCommand --list,
#                                 kafka.admin.ConfigCommand, consumer.group.ConsumerGroupCommand
#
# NODE is 1..KAFKA_DEV_NODES; without it a command applies to every node.
# Environment (defaults in brackets):
#   KAFKA_DEV_CACHE  where the jars are kept   [${XDG_CACHE_HOME:-~/.cache}/kafka-dev]
#   KAFKA_DEV_DIR    data, logs and pid files  [${TMPDIR:-/tmp}/kafka-dev-$UID-$KAFKA_DEV_PORT]
#   KAFKA_DEV_PORT   first broker port; node N listens on PORT+N-1, its controller on PORT+N+9;
#                    'auto': the first start picks free ones and keeps them in KAFKA_DEV_DIR,
#                    which must then be given  [19092]
#   KAFKA_DEV_NODES  nodes in the cluster, at most 9  [1]
#   KAFKA_DEV_HEAP   Java heap of each node    [512m]
#   KAFKA_DEV_EXTRA  file of extra broker properties, appended last  []
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
port=${KAFKA_DEV_PORT:-19092}
nodes=${KAFKA_DEV_NODES:-1}
heap=${KAFKA_DEV_HEAP:-512m}
dir=$(realpath -m -- "${KAFKA_DEV_DIR:-${TMPDIR:-/tmp}/kafka-dev-$UID-$port}")
cache=${KAFKA_DEV_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/kafka-dev}
# The pom names every version, so its checksum names the set of jars.
lib=$cache/$(sha256sum "$here/pom.xml" | cut -c1-16)
jsa=$lib/classes.jsa
# Any fixed base64url UUID will do: the id only has to be the same on all nodes.
cluster_id=kafka-dev-cluster-0000

die() { echo "kafka-dev: $*" >&2; exit 1; }

need() {
  command -v "$1" >/dev/null || die "$1 is missing; on Debian: apt-get install $2"
}

# The JVM checks the archive against the jars and ignores one that does not fit.
java_() {
  local cds=(-Xshare:auto)
  if [[ -f $jsa ]]; then cds=("-XX:SharedArchiveFile=$jsa"); fi
  exec java -cp "$lib/*" "-Dlog4j2.configurationFile=$here/log4j2.xml" -XX:+UseSerialGC \
    -Xlog:cds=off -Xlog:cds+dynamic=off "${cds[@]}" "$@"
}
tool_() { (java_ -Dkafka.log.level=WARN -XX:TieredStopAtLevel=1 "$@"); }

# Safe to run from many processes at once: one resolves, the others wait and find the result. The
# folder appears whole or not at all.
install_jars() {
  need java default-jre-headless
  [[ -d $lib ]] && return
  need mvn maven
  local tmp
  mkdir -p "$cache"
  exec 9>"$cache/lock" && flock 9
  if [[ ! -d $lib ]]; then
    tmp=$(mktemp -d "$cache/tmp.XXXXXX")
    # Not the child's descriptor 9: a build daemon that outlives mvn would hold the lock.
    mvn -B -q -f "$here/pom.xml" dependency:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$tmp" >&2 9>&- ||
      { rm -rf "$tmp"; die "mvn could not fetch Kafka's jars (see above)"; }
    chmod 755 "$tmp"
    mv -T "$tmp" "$lib"
  fi
  exec 9>&-
}

# The pid of a live node. The command line is checked, so that a pid file left
# behind by a crash never points at somebody else's process.
pid_of() {
  local pid
  pid=$(cat "$dir/$1/pid" 2>/dev/null) || return 1
  { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null |
    grep -qxF -- "$dir/$1/server.properties" || return 1
  echo "$pid"
}

# Every TCP port that some socket of this machine has as its own, in hex as the kernel prints them.
ports_in_use() {
  { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null || true; } | awk '{split($2, a, ":"); print a[2]}'
}

# pick_port: sets port to the first of a free block of 20. Below the kernel's range of ephemeral
# ports (32768 up), so that no client socket takes one between now and the start.
pick_port() {
  local used candidate attempt i
  for ((attempt = 0; attempt < 100; attempt++)); do
    candidate=$((20000 + (RANDOM % 600) * 20))
    used=" $(ports_in_use | tr '\n' ' ') "
    for ((i = 0; i < 20; i++)); do
      [[ $used != *" $(printf '%04X' $((candidate + i))) "* ]] || continue 2
    done
    port=$candidate
    return
  done
  die "no free block of ports found"
}

# With KAFKA_DEV_PORT=auto: the ports that an earlier start chose, if any.
resolve_port() {
  [[ $port == auto ]] || return 0
  [[ -n ${KAFKA_DEV_DIR:-} ]] || die "KAFKA_DEV_PORT=auto needs KAFKA_DEV_DIR"
  if [[ -f $dir/port ]]; then
    port=$(<"$dir/port")
  elif [[ ${1:-} == choose ]]; then
    pick_port
    mkdir -p "$dir"
    echo "$port" >"$dir/port"
  else
    die "no broker has been started in $dir"
  fi
}

address() {
  local i all=""
  for ((i = 1; i <= nodes; i++)); do all+="${all:+,}127.0.0.1:$((port + i - 1))"; done
  echo "$all"
}

write_config() {
  local n=$1 i voters="" rf=$((nodes < 3 ? nodes : 3))
  local isr=$((rf > 1 ? rf - 1 : 1))
  for ((i = 1; i <= nodes; i++)); do voters+="${voters:+,}$i@127.0.0.1:$((port + i + 9))"; done
  cat >"$dir/$n/server.properties" <<PROPS
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$voters
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$((port + n - 1)),CONTROLLER://127.0.0.1:$((port + n + 9))
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/$n/data
auto.create.topics.enable=false
default.replication.factor=$rf
min.insync.replicas=$isr
offsets.topic.replication.factor=$rf
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=$rf
transaction.state.log.min.isr=$isr
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=$rf
share.coordinator.state.topic.min.isr=$isr
share.coordinator.state.topic.num.partitions=2
# Small, so that a node fits the heap; quick, so that tests of failures are short.
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.threads=1
num.network.threads=2
num.io.threads=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
# Over the session's time-out, as Kafka's defaults are. Killed and started again, a node on its own
# (4.3.1) leads its partitions by its old registration until that has timed out. A transaction
# ended in between gets no markers ("likely deleted already and hence can be skipped"), and the next
# one of the same producer commits the aborted records with its own: alerts twice.
transaction.abort.timed.out.transaction.cleanup.interval.ms=6000
PROPS
  if [[ -n ${KAFKA_DEV_EXTRA:-} ]]; then
    cat "$KAFKA_DEV_EXTRA" >>"$dir/$n/server.properties"
  fi
}

# launch NODE [JVM-OPTION ...]
launch() {
  local n=$1
  pid_of "$n" >/dev/null && return
  mkdir -p "$dir/$n"
  write_config "$n"
  if [[ ! -f $dir/$n/data/meta.properties ]]; then
    tool_ kafka.tools.StorageTool format -t "$cluster_id" -c "$dir/$n/server.properties" \
      >"$dir/$n/format.log" 2>&1 ||
      { cat "$dir/$n/format.log" >&2; die "node $n: format failed"; }
  fi
  # Emptied here, not by the child's redirection: 'await' must not see the last run's line.
  : >"$dir/$n/server.log"
  # exec all the way: $! is the pid of the JVM.
  (trap '' HUP INT; java_ "-Xms$heap" "-Xmx$heap" -XX:+ExitOnOutOfMemoryError "${@:2}" \
    kafka.Kafka "$dir/$n/server.properties") >>"$dir/$n/server.log" 2>&1 </dev/null &
  echo $! >"$dir/$n/pid"
}

# A broker prints this line once it is unfenced and serves requests.
await() {
  local n=$1 i
  for ((i = 0; i < 1200; i++)); do
    grep -q 'Kafka Server started' "$dir/$n/server.log" && return
    kill -0 "$(cat "$dir/$n/pid")" 2>/dev/null ||
      { tail -20 "$dir/$n/server.log" >&2; die "node $n died while starting"; }
    sleep 0.1
  done
  die "node $n is not ready after 120 s; see $dir/$n/server.log"
}

# end SIGNAL NODE ...: signals all the nodes, then waits until they are gone
# (pid_of takes a zombie for gone). An orderly stop that takes over 10 s becomes a
# crash: the last nodes of a cluster have no quorum left to shut down in order.
end() {
  local sig=$1 n i
  shift
  for n in "$@"; do if pid_of "$n" >/dev/null; then kill "-$sig" "$(pid_of "$n")"; fi; done
  for n in "$@"; do
    for ((i = 0; ; i++)); do
      pid_of "$n" >/dev/null || break
      if ((i == 200)); then kill -KILL "$(pid_of "$n")" || true; fi
      ((i < 400)) || die "node $n (pid $(pid_of "$n")) does not end"
      sleep 0.05
    done
    rm -f "$dir/$n/pid"
  done
}

start() {
  install_jars
  resolve_port choose
  # All nodes first, then wait: a lone node of three never becomes ready.
  for n in "$@"; do launch "$n"; done
  for n in "$@"; do await "$n"; done
}

# Only what 'start' made: KAFKA_DEV_DIR may name a directory with other things in it.
wipe() {
  local n
  for ((n = 1; n <= nodes; n++)); do
    end KILL "$n"
    rm -rf -- "${dir:?}/$n"
  done
  rm -f -- "$dir/port"
  if [[ -d $dir ]]; then rmdir --ignore-fail-on-non-empty -- "$dir"; fi
}

status() {
  local n=$1 pid
  if pid=$(pid_of "$n"); then
    local resident
    resident=$(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status")
    echo "node $n: pid $pid, $resident MiB, 127.0.0.1:$((port + n - 1))"
  else
    echo "node $n: down"
    return 3
  fi
}

command=${1:-}
shift || true
if [[ -n ${1:-} ]]; then which=("$1"); else mapfile -t which < <(seq "$nodes"); fi
case $command in
  install) install_jars; echo "$lib" ;;
  start) start "${which[@]}" ;;
  fresh) wipe; start "${which[@]}" ;;
  stop) end TERM "${which[@]}" ;;
  kill) end KILL "${which[@]}" ;;
  status) resolve_port; rc=0; for n in "${which[@]}"; do status "$n" || rc=$?; done; exit $rc ;;
  address) resolve_port; address ;;
  wipe) wipe ;;
  tool)
    install_jars
    resolve_port
    class=${1:?class name, such as TopicCommand}; shift
    [[ $class == kafka.* ]] || class=org.apache.kafka.tools.$class
    tool_ "$class" --bootstrap-server "127.0.0.1:$port" "$@"
    ;;
  archive)
    install_jars
    # A node of its own, made aside and moved into place: brokers that run keep the old archive.
    nodes=1 dir=$(mktemp -d)
    trap 'rm -rf -- "$dir"' EXIT
    pick_port
    real_jsa=$jsa jsa=$dir/none
    launch 1 "-XX:ArchiveClassesAtExit=$dir/jsa"
    await 1
    end TERM 1
    mv "$dir/jsa" "$real_jsa"
    ;;
  *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
