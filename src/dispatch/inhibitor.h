// Which alerts hold others back (InhibitRule). One thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "dispatch/plan.h"

namespace fengsui::dispatch {

class Inhibitor {
 public:
  // `rules` must outlive it.
  explicit Inhibitor(const std::vector<InhibitRule>& rules);

  bool is_source(const Labels& labels) const;
  // A firing alert has these labels now; whatever it had before is forgotten.
  void put(const std::string& alert, const Labels& labels);
  bool has(const std::string& alert) const { return alerts_.contains(alert); }
  // It fires no more. False: it was no source.
  bool remove(const std::string& alert);

  struct By {
    const InhibitRule* rule = nullptr;  // null: nothing holds it back
    std::string alert;
  };
  By inhibits(const Labels& labels) const;

 private:
  // Sources of a rule by the values of its `equal` labels.
  using Sources = std::map<std::string, std::set<std::string>>;
  const std::vector<InhibitRule>* rules_;
  std::vector<Sources> sources_;                       // by rule
  std::map<std::string, Labels, std::less<>> alerts_;  // that are a source of some rule
};

}  // namespace fengsui::dispatch
