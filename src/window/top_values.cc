#include "window/top_values.h"

#include <utility>

namespace fengsui::window {

using cel::Value;

TopOf::Ranked TopOf::ranked(const Value& value) const {
  // Equal ones are neighbours: to the first of them, then over all.
  auto at = counts_.lower_bound(value);
  while (at != counts_.begin() && cel::equal(std::prev(at)->first, value)) --at;
  Ranked ranked;
  if (at != counts_.end()) ranked.value = at->first;
  for (; at != counts_.end() && cel::equal(at->first, value); ++at) ranked.count += at->second;
  return ranked;
}

void TopOf::change(const Entry&, const Value* argument, int by) {
  if (!can_be_ordered(*argument)) {  // NaN too
    not_ordered_ += by;
    return;
  }
  const Ranked before = ranked(*argument);
  if (before.count > 0) ranking_.erase(before);
  const auto [at, is_new] = counts_.try_emplace(*argument, 0);
  at->second += by;
  if (at->second == 0) counts_.erase(at);
  Ranked after = ranked(*argument);
  if (after.count > 0) ranking_.insert(std::move(after));
}

Value TopOf::value(const rules::Aggregate& aggregate) const {
  if (not_ordered_ > 0 || (!counts_.empty() && !compare_with_each_other(counts_.begin()->first,
                                                                        counts_.rbegin()->first))) {
    return Value::error(cel::ErrorCode::NoMatchingOverload);
  }
  static const Value kValue = Value::string("value"), kCount = Value::string("count");
  cel::ListValue top;
  for (const Ranked& ranked : ranking_) {
    if (top.size() >= static_cast<size_t>(aggregate.most)) break;
    top.push_back(Value::map({{kValue, ranked.value}, {kCount, Value::integer(ranked.count)}}));
  }
  return Value::list(std::move(top));
}

}  // namespace fengsui::window
