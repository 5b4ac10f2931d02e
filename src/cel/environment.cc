#include <algorithm>
#include <numeric>

#include "cel/names.h"

namespace fengsui::cel {

Environment::Environment() : names_(std::make_unique<Names>()) {}
Environment::~Environment() = default;
Environment::Environment(const Environment& other)
    : names_(std::make_unique<Names>(*other.names_)) {}
Environment::Environment(Environment&&) noexcept = default;
Environment& Environment::operator=(const Environment& other) {
  if (this != &other) names_ = std::make_unique<Names>(*other.names_);
  return *this;
}
Environment& Environment::operator=(Environment&&) noexcept = default;

void Environment::declare(std::string name, Variable variable) {
  names_->variables.insert_or_assign(std::move(name), std::move(variable));
}

void Environment::hide(const std::string& name) {
  auto& variables = names_->variables;
  variables.erase(name);
  const std::string inside = name + ".";
  auto part = variables.lower_bound(inside);
  while (part != variables.end() && part->first.starts_with(inside)) part = variables.erase(part);
}

void Environment::declare_list(std::string name, int index, std::shared_ptr<const ValueList> list) {
  names_->lists.insert_or_assign(std::move(name), Names::List{index, std::move(list)});
}

void Environment::declare_keywords(std::string name, int index) {
  names_->keyword_sets.insert_or_assign(std::move(name), index);
}

void Environment::refuse_function(std::string name, std::string hint) {
  names_->refused_functions.insert_or_assign(std::move(name), std::move(hint));
}

void Environment::explain_name(std::string name, std::string message) {
  names_->explained.insert_or_assign(std::move(name), std::move(message));
}

namespace {

// In bytes: letters left out, put in, mistaken, or two neighbours swapped (optimal string
// alignment).
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);  // the row above the row above
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({above[j + 1] + 1, row[j] + 1, above[j] + (a[i] != b[j])});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) {
        row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name,
                                        const std::vector<std::string>& known) {
  constexpr size_t kNameBytesMax = 200;  // a longer one is no slip of the finger
  if (name.size() > kNameBytesMax) return std::nullopt;
  const size_t most = name.size() / 3;
  const std::string* best = nullptr;
  size_t best_distance = most + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > name.size() + most || candidate.size() + most < name.size()) continue;
    const size_t distance = edit_distance(name, candidate);
    if (distance >= best_distance) continue;
    best = &candidate;
    best_distance = distance;
  }
  return best ? std::optional<std::string>(*best) : std::nullopt;
}

}  // namespace fengsui::cel
