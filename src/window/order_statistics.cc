#include "window/order_statistics.h"

#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <limits>
#include <utility>

#include "window/exact_sum.h"
#include "window/value_order.h"

namespace fengsui::window {
namespace {

using cel::Value;

// Equal values stand as often as they come: the entry's key makes each of them one.
using Item = std::pair<Value, EntryKey>;
struct ItemBefore {
  bool operator()(const Item& a, const Item& b) const {
    constexpr ValueBefore before;
    if (before(a.first, b.first)) return true;
    if (before(b.first, a.first)) return false;
    return a.second < b.second;
  }
};
// A red-black tree whose nodes know how many stand below them.
using Tree = __gnu_pbds::tree<Item, __gnu_pbds::null_type, ItemBefore, __gnu_pbds::rb_tree_tag,
                              __gnu_pbds::tree_order_statistics_node_update>;

// max(1, ceil(ratio * n)).
uint64_t rank_of(const rules::Aggregate& aggregate, uint64_t n) {
  const Uint128 product = static_cast<Uint128>(aggregate.rank_numerator) * n;
  const auto rank = static_cast<uint64_t>((product + aggregate.rank_denominator - 1) /
                                          aggregate.rank_denominator);
  return rank == 0 ? 1 : rank;
}

}  // namespace

struct PercentileOf::Ordered {
  Tree tree;
};

PercentileOf::PercentileOf() : ordered_(std::make_unique<Ordered>()) {}
PercentileOf::~PercentileOf() = default;
PercentileOf::PercentileOf(PercentileOf&&) noexcept = default;
PercentileOf& PercentileOf::operator=(PercentileOf&&) noexcept = default;

void PercentileOf::change(const Entry& entry, const Value* argument, int by) {
  if (is_nan(*argument)) {
    nans_ += by;
  } else if (!can_be_ordered(*argument)) {
    not_ordered_ += by;
  } else if (by > 0) {
    ordered_->tree.insert({*argument, entry.key});
  } else {
    ordered_->tree.erase({*argument, entry.key});
  }
}

Value PercentileOf::value(const rules::Aggregate& aggregate) const {
  const Tree& tree = ordered_->tree;
  const auto no_overload = [] { return Value::error(cel::ErrorCode::NoMatchingOverload); };
  const auto nan = [] { return Value::real(std::numeric_limits<double>::quiet_NaN()); };
  if (not_ordered_ > 0) return no_overload();
  if (tree.empty()) return nans_ > 0 ? nan() : Value::error(cel::ErrorCode::Empty);
  const Value& lowest = tree.find_by_order(0)->first;
  if (!compare_with_each_other(lowest, tree.find_by_order(tree.size() - 1)->first)) {
    return no_overload();
  }
  if (nans_ > 0) return is_number(lowest.kind()) ? nan() : no_overload();
  return tree.find_by_order(rank_of(aggregate, tree.size()) - 1)->first;
}

}  // namespace fengsui::window
