#include "state/memory_key_value.h"

namespace fengsui::state {

void MemoryTables::fail_after(size_t writes, Error error) {
  std::lock_guard lock(mutex_);
  writes_left_ = writes;
  error_ = std::move(error);
}

size_t MemoryTables::writes() const {
  std::lock_guard lock(mutex_);
  return writes_;
}

size_t MemoryTables::synced_writes() const {
  std::lock_guard lock(mutex_);
  return synced_writes_;
}

class MemoryKeyValue final : public KeyValue {
 public:
  explicit MemoryKeyValue(std::shared_ptr<MemoryTables> tables) : shared_(std::move(tables)) {}

  Expected<void> write(const WriteList& list, Sync sync) override {
    std::lock_guard lock(shared_->mutex_);
    if (shared_->writes_left_) {
      if (*shared_->writes_left_ == 0) return fail(shared_->error_);
      --*shared_->writes_left_;
    }
    list.for_each([this](const WriteList::Operation& operation) { apply(operation); });
    ++shared_->writes_;
    if (sync == Sync::Now) ++shared_->synced_writes_;
    return {};
  }

  Expected<std::optional<std::string>> get(Table table, std::string_view key) override {
    std::lock_guard lock(shared_->mutex_);
    const auto& pairs = of(table);
    const auto found = pairs.find(key);
    if (found == pairs.end()) return std::nullopt;
    return found->second;
  }

  Expected<Values> multi_get(Table table, const std::vector<std::string>& keys) override {
    std::lock_guard lock(shared_->mutex_);
    const auto& pairs = of(table);
    Values values;
    values.reserve(keys.size());
    for (const std::string& key : keys) {
      const auto found = pairs.find(key);
      values.push_back(found == pairs.end() ? std::nullopt : std::optional(found->second));
    }
    return values;
  }

  Expected<void> scan(Table table, std::string_view from, const Visit& visit) override {
    std::lock_guard lock(shared_->mutex_);
    const auto& pairs = of(table);
    for (auto pair = pairs.lower_bound(from); pair != pairs.end(); ++pair) {
      if (!visit(pair->first, pair->second)) break;
    }
    return {};
  }

  uint64_t bytes_kept() override {
    std::lock_guard lock(shared_->mutex_);
    uint64_t sum = 0;
    for (const auto& pairs : shared_->tables_) {
      for (const auto& [key, value] : pairs) sum += key.size() + value.size();
    }
    return sum;
  }

 private:
  std::map<std::string, std::string, std::less<>>& of(Table table) {
    return shared_->tables_[static_cast<size_t>(table)];
  }

  void apply(const WriteList::Operation& operation) {
    auto& pairs = of(operation.table);
    switch (operation.kind) {
      case WriteList::Kind::Put:
        pairs.insert_or_assign(std::string(operation.key), std::string(operation.value));
        break;
      case WriteList::Kind::Remove:
        if (const auto found = pairs.find(operation.key); found != pairs.end()) pairs.erase(found);
        break;
      case WriteList::Kind::RemoveRange:
        if (operation.key < operation.value) {
          pairs.erase(pairs.lower_bound(operation.key), pairs.lower_bound(operation.value));
        }
        break;
    }
  }

  std::shared_ptr<MemoryTables> shared_;
};

std::unique_ptr<KeyValue> make_memory_key_value(std::shared_ptr<MemoryTables> tables) {
  return std::make_unique<MemoryKeyValue>(std::move(tables));
}

}  // namespace fengsui::state
