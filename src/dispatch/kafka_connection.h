// How to reach a Kafka cluster, as the configuration says it. Plain values.
#pragma once

#include <map>
#include <string>

namespace fengsui::dispatch {

struct KafkaConnection {
  std::string brokers;  // "host:port,host:port"
  // librdkafka's own properties by their own names (security.protocol, ssl.ca.location,
  // compression.type …), passed on as they are, except those that a client of ours decides itself.
  // Secrets come from files: `sasl.password_file: PATH` sets sasl.password to what the file holds,
  // without its last line feed; `sasl.password` itself is refused.
  std::map<std::string, std::string> properties;
  friend bool operator==(const KafkaConnection&, const KafkaConnection&) = default;
};

}  // namespace fengsui::dispatch
