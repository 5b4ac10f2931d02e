// The silences that there are, and that there were lately. One thread changes them; all() is any
// thread's.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/silence.h"

namespace fengsui::dispatch {

class Silences {
 public:
  // One that is over is kept so long, for people to see.
  static constexpr Duration kRetention = std::chrono::hours{120};

  // A new one, whose id is `new_id`, if it has none; or a change of the one of its id, which stays
  // that one if it can (can_become), or else ends, and a new one begins. Returns the id in force.
  // Errors, of kind BadInput: as checked(); Usage: there is none of this id.
  Expected<std::string> set(Silence silence, std::string new_id, EventTime now);
  // Ends it now. nullopt: there is none of this id; false: it has ended already.
  std::optional<bool> end(const std::string& id, EventTime now);
  // As it was stored.
  void put(Silence silence);
  // Those that ended long ago go.
  void forget_old(EventTime now);
  // The one that holds these labels back, or null. Not asked of red alerts.
  const Silence* holding(const Labels& labels, EventTime now) const;
  const Silence* find(const std::string& id) const;
  // Ids that changed since, or went.
  std::vector<std::string> take_changed() { return std::exchange(changed_, {}); }

  // As of the last change; the one that ends last is first.
  std::shared_ptr<const std::vector<Silence>> all() const;

 private:
  void change(Silence silence);
  void publish();

  std::map<std::string, Silence, std::less<>> silences_;
  std::vector<std::string> changed_;
  mutable std::mutex mutex_;  // guards all below
  std::shared_ptr<const std::vector<Silence>> all_ = std::make_shared<std::vector<Silence>>();
};

}  // namespace fengsui::dispatch
