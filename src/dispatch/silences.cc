#include "dispatch/silences.h"

#include <algorithm>
#include <utility>

namespace fengsui::dispatch {

Expected<std::string> Silences::set(Silence silence, std::string new_id, EventTime now) {
  const Silence* old = nullptr;
  if (!silence.id.empty()) {
    old = find(silence.id);
    if (old == nullptr) return fail(Error::usage("There is no silence of this id."));
    // An active one keeps its start, unless another is said.
    if (silence.starts == EventTime{}) silence.starts = old->starts;
  }
  Expected<Silence> is = checked(std::move(silence), now);
  if (!is) return fail(is.error());
  if (old != nullptr && !can_become(*old, *is, now)) {
    end(old->id, now);
    old = nullptr;
  }
  if (old == nullptr) {
    is->id = std::move(new_id);
    is->starts = std::max(is->starts, now);
  }
  std::string id = is->id;
  change(std::move(*is));
  return id;
}

std::optional<bool> Silences::end(const std::string& id, EventTime now) {
  const Silence* old = find(id);
  if (old == nullptr) return std::nullopt;
  if (old->state(now) == SilenceState::Expired) return false;
  Silence ended = *old;
  ended.starts = std::min(ended.starts, now);
  ended.ends = now;
  ended.updated = now;
  change(std::move(ended));
  return true;
}

void Silences::put(Silence silence) {
  std::string id = silence.id;
  silences_[std::move(id)] = std::move(silence);
  publish();
}

void Silences::change(Silence silence) {
  changed_.push_back(silence.id);
  put(std::move(silence));
}

void Silences::forget_old(EventTime now) {
  const size_t before = silences_.size();
  std::erase_if(silences_, [&](const auto& one) {
    const bool is_old = one.second.ends + kRetention <= now;
    if (is_old) changed_.push_back(one.first);
    return is_old;
  });
  if (silences_.size() != before) publish();
}

const Silence* Silences::holding(const Labels& labels, EventTime now) const {
  for (const auto& [id, silence] : silences_) {
    if (silence.state(now) == SilenceState::Active && all_match(silence.matchers, labels)) {
      return &silence;
    }
  }
  return nullptr;
}

const Silence* Silences::find(const std::string& id) const {
  const auto at = silences_.find(id);
  return at == silences_.end() ? nullptr : &at->second;
}

std::shared_ptr<const std::vector<Silence>> Silences::all() const {
  std::lock_guard lock(mutex_);
  return all_;
}

void Silences::publish() {
  auto all = std::make_shared<std::vector<Silence>>();
  for (const auto& [id, silence] : silences_) all->push_back(silence);
  std::stable_sort(all->begin(), all->end(),
                   [](const Silence& a, const Silence& b) { return a.ends > b.ends; });
  std::lock_guard lock(mutex_);
  all_ = std::move(all);
}

}  // namespace fengsui::dispatch
