// The acceptance scripts' hand in a Kafka cluster:
//   kafka_tool BROKERS create TOPIC PARTITIONS
//   kafka_tool BROKERS produce TOPIC FILE     a line a record, to partition 0, in order
//   kafka_tool BROKERS feed TOPIC             the same from standard input; an empty line: all so
//   far
//                                             is to be delivered, then "ok" is printed
//   kafka_tool BROKERS end TOPIC              the offset after the last record of partition 0
//   kafka_tool BROKERS last TOPIC             when the last committed record was produced, in
//                                             milliseconds; 0 if there is none
//   kafka_tool BROKERS consume TOPIC [FROM]   committed records to the end as it is now, a line
//   each:
//                                             KEY, a tab, the value
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "broker_client.h"

namespace {

using fengsui::acceptance::BrokerClient;
using fengsui::acceptance::TopicRecord;
using fengsui::acceptance::TopicWriter;

int produce(const BrokerClient& broker, const std::string& topic, const char* path) {
  constexpr size_t kAtOnce = 50'000;
  std::ifstream file(path);
  if (!file) {
    std::fprintf(stderr, "kafka_tool: cannot read %s\n", path);
    return 3;
  }
  TopicWriter writer(broker.brokers(), topic);
  std::vector<TopicRecord> records;
  for (std::string line; std::getline(file, line);) {
    records.push_back({.key = {}, .value = std::move(line), .partition = 0});
    if (records.size() == kAtOnce) writer.deliver(std::exchange(records, {}));
  }
  writer.deliver(records);
  return 0;
}

int feed(const BrokerClient& broker, const std::string& topic) {
  TopicWriter writer(broker.brokers(), topic);
  std::vector<TopicRecord> records;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) {
      records.push_back({.key = {}, .value = std::move(line), .partition = 0});
      continue;
    }
    writer.deliver(records);
    records.clear();
    std::puts("ok");
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::fprintf(stderr,
                 "usage: kafka_tool BROKERS create|produce|feed|end|last|consume TOPIC ...\n");
    return 2;
  }
  // To standard error: standard output is data.
  if (!fengsui::start_log(fengsui::LogFormat::Text, "warn")) return 3;
  const BrokerClient broker(arguments[0]);
  const std::string& command = arguments[1];
  const std::string& topic = arguments[2];
  if (command == "create" && arguments.size() == 4) {
    broker.create(topic, std::stoi(arguments[3]));
    return 0;
  }
  if (command == "produce" && arguments.size() == 4) {
    return produce(broker, topic, arguments[3].c_str());
  }
  if (command == "end" && arguments.size() == 3) {
    std::printf("%lld\n", static_cast<long long>(broker.end_of(topic, 0)));
    return 0;
  }
  if (command == "last" && arguments.size() == 3) {
    const std::vector<TopicRecord> records = broker.consume(topic);
    std::printf("%lld\n",
                static_cast<long long>(records.empty() ? 0 : records.back().timestamp_ms));
    return 0;
  }
  if (command == "feed" && arguments.size() == 3) return feed(broker, topic);
  if (command == "consume" && arguments.size() <= 4) {
    const long from = arguments.size() == 4 ? std::stol(arguments[3]) : 0;
    for (const TopicRecord& record : broker.consume(topic, from)) {
      const std::string line = record.key + "\t" + record.value.value_or("") + "\n";
      std::fwrite(line.data(), 1, line.size(), stdout);
    }
    return 0;
  }
  std::fprintf(stderr, "kafka_tool: wrong usage of %s\n", command.c_str());
  return 2;
}
