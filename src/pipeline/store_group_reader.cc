#include "pipeline/store_group_reader.h"

namespace fengsui::pipeline {
namespace {

class StoreGroupReader final : public GroupReader {
 public:
  explicit StoreGroupReader(state::Store& store) : store_(store) {}

  Expected<Values> read(const std::vector<std::string>& keys) override {
    return store_.read_groups(keys);
  }
  Expected<void> scan(std::string_view prefix, const Visit& visit) override {
    return store_.scan_groups(prefix, visit);
  }

 private:
  state::Store& store_;
};

}  // namespace

std::unique_ptr<GroupReader> read_groups_of(state::Store& store) {
  return std::make_unique<StoreGroupReader>(store);
}

Shard::PutGroup put_into(state::WriteList& list) {
  return [&list](std::string_view key, std::string_view value) {
    list.put(state::Table::Groups, key, value);
  };
}

}  // namespace fengsui::pipeline
