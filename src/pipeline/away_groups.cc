#include "pipeline/away_groups.h"

#include <bit>
#include <utility>

#include "base/hash_table.h"
#include "base/invariant.h"

namespace fengsui::pipeline {
namespace {

constexpr size_t kPlacesMin = 64;

}  // namespace

AwayGroups::AwayGroups() { rebuild(kPlacesMin); }

uint64_t AwayGroups::name_of(uint64_t state_key, uint64_t hash) {
  const uint64_t name = fold_multiply(hash ^ 0x8ebc6af09c88c6e3, state_key ^ 0x589965cc75374cc3);
  return name == 0 ? 1 : name;
}

size_t AwayGroups::place_of(uint64_t name) const {
  size_t at = home(name);
  while (slots_[at].name != 0 && slots_[at].name != name) at = after(at);
  return at;
}

void AwayGroups::add(uint64_t name, EventTime expiry) {
  if ((size_ + 1) * 4 > slots_.size() * 3) rebuild(slots_.size() * 2);
  Slot& slot = slots_[place_of(name)];
  INVARIANT(slot.name == 0);
  slot = {name, expiry};
  ++size_;
}

void AwayGroups::remove(uint64_t name) {
  const size_t at = place_of(name);
  INVARIANT(slots_[at].name == name);
  free_place(
      slots_, at, Slot(), [](const Slot& slot) { return slot.name == 0; },
      [this](const Slot& slot) { return home(slot.name); });
  --size_;
  if (slots_.size() > kPlacesMin && size_ * 8 < slots_.size()) rebuild(slots_.size() / 2);
}

void AwayGroups::begin_listing() {
  INVARIANT(listed_.empty());
  listed_ = std::exchange(expired_, {});
}

std::vector<AwayGroups::Expired> AwayGroups::take_listed(size_t most) {
  std::vector<Expired> taken;
  while (!listed_.empty() && taken.size() < most) {
    taken.push_back(listed_.begin()->second);
    listed_.erase(listed_.begin());
  }
  return taken;
}

void AwayGroups::rebuild(size_t places) {
  const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(places));
  shift_ = 64 - std::countr_zero(places);
  for (const Slot& slot : before) {
    if (slot.name != 0) slots_[place_of(slot.name)] = slot;
  }
}

}  // namespace fengsui::pipeline
