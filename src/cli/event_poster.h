// A client of POST /v1/events: batches of events over one connection that is kept. What `demo`
// posts its city with. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace fengsui::cli {

class EventPoster {
 public:
  EventPoster(std::string address, uint16_t port);
  ~EventPoster();

  // Posts the events (JSON objects) as one batch and waits for the answer. The status: 202 all
  // accepted, 400 some refused (the others are accepted), 429 none, come again.
  Expected<int> post(const std::vector<std::string>& events);

 private:
  struct Connection;
  Expected<void> connect();

  const std::string address_;
  const uint16_t port_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace fengsui::cli
