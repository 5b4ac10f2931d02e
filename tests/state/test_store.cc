// What a store must do whatever it lies on: the same table of cases over memory and over RocksDB.
#include <doctest/doctest.h>

#include <functional>
#include <map>

#include "base/byte_codec.h"
#include "state/memory_key_value.h"
#include "state/rocksdb_key_value.h"
#include "state/scratch_folder.h"
#include "state/store.h"

namespace fengsui::state {
namespace {

EventTime at(int64_t ms) { return EventTime{Duration{ms}}; }

// Opens the same state again and again.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::unique_ptr<KeyValue> tables() = 0;
};

class MemoryPlace final : public Place {
 public:
  std::unique_ptr<KeyValue> tables() override { return make_memory_key_value(shared_); }

 private:
  std::shared_ptr<MemoryTables> shared_ = std::make_shared<MemoryTables>();
};

class RocksDbPlace final : public Place {
 public:
  std::unique_ptr<KeyValue> tables() override {
    Expected<std::unique_ptr<KeyValue>> opened =
        open_rocksdb_key_value({.directory = folder_ / "deep/state"});
    REQUIRE(opened);
    return std::move(*opened);
  }

 private:
  test::ScratchFolder folder_;
};

std::unique_ptr<Store> open(Place& place, const StoreOptions& options = {.pack_hash = "p1"}) {
  Expected<std::unique_ptr<Store>> store = Store::open(place.tables(), options);
  if (!store) FAIL(store.error().message);
  return std::move(*store);
}

// Commit number n: one match, one id, one message for queue `duty`, the partition at 100 n.
Commit commit_of(uint64_t n) {
  Commit commit;
  commit.frame.position = LogPosition{n};
  match::Match match;
  match.bytes = match::MatchBytes::make({}, {}, {"s#e" + std::to_string(n)});
  commit.frame.matches.push_back(match);
  commit.frame.marks = {{PartitionId{0}, at(100 * static_cast<int64_t>(n)), true}};
  commit.partitions = {
      {PartitionId{0}, "file:a", at(100 * static_cast<int64_t>(n)), true, 1000 + n}};
  commit.admitted = {{Hash128{n, n}, PartitionId{0}, at(100 * static_cast<int64_t>(n))}};
  commit.outbox = {{"duty", n, "alert" + std::to_string(n), "{\"n\":" + std::to_string(n) + "}"}};
  commit.totals.read = n;
  commit.totals.processed = n;
  commit.next_arrival = Arrival{n + 1};
  return commit;
}

using Groups = std::map<std::string, std::string>;

Checkpoint checkpoint_of(uint64_t n, const Groups& groups, Duration horizon = Duration{3'600'000}) {
  Checkpoint checkpoint;
  checkpoint.position = LogPosition{n};
  checkpoint.pack_hash = "p1";
  checkpoint.digest = [n] { return "d" + std::to_string(n); };
  checkpoint.shard_rest = "rest" + std::to_string(n);
  checkpoint.groups = [groups](const Checkpoint::VisitGroup& visit) {
    for (const auto& [key, value] : groups) visit(key, value);
  };
  checkpoint.dedupe_horizon = horizon;
  return checkpoint;
}

void commit_up_to(Store& store, uint64_t n) {
  for (uint64_t next = value_of(store.last()) + 1; next <= n; ++next) {
    REQUIRE(store.commit(commit_of(next)));
  }
}

std::vector<uint64_t> frames_of(Store& store) {
  std::vector<uint64_t> positions;
  REQUIRE(store.visit_commits([&](const Commit& commit) -> Expected<void> {
    const Frame& frame = commit.frame;
    positions.push_back(value_of(frame.position));
    return {};
  }));
  return positions;
}

Groups groups_of(Store& store) {
  Groups groups;
  REQUIRE(store.visit_groups([&](std::string_view key, std::string_view value) -> Expected<void> {
    groups.emplace(key, value);
    return {};
  }));
  return groups;
}

std::vector<uint64_t> ids_of(Store& store) {
  std::vector<uint64_t> ids;
  REQUIRE(store.visit_admitted([&](const AdmittedId& id) { ids.push_back(id.identity.high); }));
  return ids;
}

std::vector<uint64_t> outbox_of(Store& store, uint64_t after, Store::OutboxLimits limits = {}) {
  std::vector<uint64_t> sequences;
  const auto entries = store.outbox_after("duty", after, limits);
  if (!entries) FAIL(entries.error().message);
  for (const QueueEntry& entry : *entries) {
    CHECK(entry.message == "{\"n\":" + std::to_string(entry.sequence) + "}");
    sequences.push_back(entry.sequence);
  }
  return sequences;
}

using List = std::vector<uint64_t>;

void new_state_is_empty(Place& place) {
  const auto store = open(place);
  CHECK(value_of(store->recovered().last) == 0);
  CHECK(value_of(store->recovered().next_arrival) == 1);
  CHECK(frames_of(*store).empty());
  CHECK(groups_of(*store).empty());
}

void a_state_keeps_its_name(Place& place) {
  CHECK(open(place, {.pack_hash = "p1", .new_state_id = "first"})->recovered().state_id == "first");
  CHECK(open(place, {.pack_hash = "p1", .new_state_id = "other"})->recovered().state_id == "first");
}

void commits_come_back(Place& place) {
  { commit_up_to(*open(place), 3); }
  const auto store = open(place);
  const Recovered& recovered = store->recovered();
  CHECK(value_of(recovered.checkpoint) == 0);
  CHECK(value_of(recovered.last) == 3);
  CHECK(recovered.totals.read == 3);
  CHECK(value_of(recovered.next_arrival) == 4);
  REQUIRE(recovered.partitions.size() == 1);
  CHECK(recovered.partitions[0].name == "file:a");
  CHECK(recovered.partitions[0].next_position == 1003);
  CHECK(recovered.queues.at("duty").last_sequence == 3);
  CHECK(recovered.queues.at("duty").mark.sequence == 0);
  CHECK(frames_of(*store) == List{1, 2, 3});
  CHECK(ids_of(*store) == List{1, 2, 3});
  CHECK(outbox_of(*store, 0) == List{1, 2, 3});
}

void checkpoint_cuts_the_log(Place& place) {
  {
    const auto store = open(place);
    commit_up_to(*store, 3);
    CHECK(store->journal_bytes() > 0);
    REQUIRE(store->checkpoint(checkpoint_of(3, {{"a", "1"}, {"b", "2"}})));
    CHECK(store->journal_bytes() == 0);
    commit_up_to(*store, 5);
  }
  const auto store = open(place);
  const Recovered& recovered = store->recovered();
  CHECK(value_of(recovered.checkpoint) == 3);
  CHECK(value_of(recovered.last) == 5);
  CHECK(recovered.digest == "d3");
  CHECK(recovered.shard_rest == "rest3");
  CHECK_FALSE(recovered.groups_are_ahead);
  CHECK(recovered.totals.read == 5);
  CHECK(frames_of(*store) == List{4, 5});
  CHECK(ids_of(*store) == List{1, 2, 3, 4, 5});
  CHECK(groups_of(*store) == Groups{{"a", "1"}, {"b", "2"}});
}

void second_checkpoint_replaces_the_first(Place& place) {
  {
    const auto store = open(place);
    commit_up_to(*store, 2);
    REQUIRE(store->checkpoint(checkpoint_of(2, {{"a", "1"}, {"b", "2"}})));
    commit_up_to(*store, 4);
    REQUIRE(store->checkpoint(checkpoint_of(4, {{"a", ""}, {"b", "3"}, {"c", "4"}})));
  }
  const auto store = open(place);
  CHECK(value_of(store->recovered().checkpoint) == 4);
  CHECK(value_of(store->recovered().last) == 4);
  CHECK(groups_of(*store) == Groups{{"b", "3"}, {"c", "4"}});
  CHECK(frames_of(*store).empty());
  CHECK(store->recovered().partitions.size() == 1);
  commit_up_to(*store, 5);
}

void ids_past_the_horizon_go(Place& place) {
  const auto store = open(place);
  commit_up_to(*store, 5);  // times 100 … 500
  REQUIRE(store->checkpoint(checkpoint_of(5, {}, Duration{200})));
  // A time exactly the horizon ago still counts.
  CHECK(ids_of(*store) == List{3, 4, 5});
  commit_up_to(*store, 8);
  REQUIRE(store->checkpoint(checkpoint_of(8, {}, Duration{200})));
  CHECK(ids_of(*store) == List{6, 7, 8});
}

void marks_and_outbox(Place& place) {
  {
    const auto store = open(place);
    commit_up_to(*store, 5);
    CHECK(outbox_of(*store, 2) == List{3, 4, 5});
    CHECK(outbox_of(*store, 1, {.entries_max = 2}) == List{2, 3});
    CHECK(outbox_of(*store, 1, {.bytes_max = 1}) == List{2});
    REQUIRE(store->mark("duty", {2, "length=40"}));
    REQUIRE(store->mark("duty", {5, "length=99"}));
    CHECK(outbox_of(*store, 5).empty());
  }
  const auto store = open(place);
  // Delivered entries are gone, the numbers go on after them.
  CHECK(outbox_of(*store, 0).empty());
  CHECK(store->recovered().queues.at("duty").mark.sequence == 5);
  CHECK(store->recovered().queues.at("duty").mark.sink_state == "length=99");
  CHECK(store->recovered().queues.at("duty").last_sequence == 5);
}

void queues_do_not_mix(Place& place) {
  const auto store = open(place);
  Commit commit = commit_of(1);
  commit.outbox = {{"duty", 1, "k", "{\"n\":1}"}, {"duty-2", 1, "k", "x"}, {"dut", 1, "k", "y"}};
  REQUIRE(store->commit(commit));
  CHECK(outbox_of(*store, 0) == List{1});
  REQUIRE(store->mark("dut", {1, ""}));
  CHECK(outbox_of(*store, 0) == List{1});
}

// What a commit gives a queue is one value, which may be delivered in part.
void a_value_is_delivered_in_part(Place& place) {
  const auto keys = [&] {
    List last;
    REQUIRE(place.tables()->scan(Table::Outbox, {}, [&](std::string_view key, std::string_view) {
      last.push_back(ByteReader(key.substr(key.find('\0') + 1)).key_u64());
      return true;
    }));
    return last;
  };
  const auto commit_with = [](uint64_t n, uint64_t first, uint64_t last) {
    Commit commit = commit_of(n);
    commit.outbox.clear();
    for (uint64_t i = first; i <= last; ++i) {
      commit.outbox.push_back({"duty", i, "k", "{\"n\":" + std::to_string(i) + "}"});
    }
    return commit;
  };
  {
    const auto store = open(place);
    REQUIRE(store->commit(commit_with(1, 1, 3)));
    REQUIRE(store->commit(commit_with(2, 4, 2'500)));
    CHECK(outbox_of(*store, 1, {.entries_max = 3}) == List{2, 3, 4});
    REQUIRE(store->mark("duty", {4, "m"}));
    CHECK(outbox_of(*store, 4, {.entries_max = 2}) == List{5, 6});
  }
  CHECK(keys() == List{1'003, 2'003, 2'500});  // a large one is cut
  {
    const auto store = open(place);
    CHECK(store->recovered().queues.at("duty").last_sequence == 2'500);
    CHECK(outbox_of(*store, 4, {.entries_max = 2}) == List{5, 6});
    const List all = outbox_of(*store, 4, {.entries_max = 10'000});
    CHECK(all.size() == 2'496);
    CHECK(all.back() == 2'500);
    REQUIRE(store->mark("duty", {2'003, "m"}));
    CHECK(outbox_of(*store, 2'003, {.entries_max = 1}) == List{2'004});
  }
  CHECK(keys() == List{2'500});
}

// Between the steps of a checkpoint commits go on; the marker is of where it began.
void a_checkpoint_in_steps(Place& place) {
  {
    const auto store = open(place);
    commit_up_to(*store, 2);
    Checkpoint head = checkpoint_of(2, {});
    store->begin_checkpoint({.position = head.position,
                             .pack_hash = "p1",
                             .shard_rest = "rest2",
                             .dedupe_horizon = head.dedupe_horizon});
    REQUIRE(store->commit(commit_of(3)));
    WriteList groups;
    groups.put(Table::Groups, "a", "3");
    REQUIRE(store->put_groups(groups));
    const auto ids = store->put_ids();
    REQUIRE(ids);
    CHECK_FALSE(*ids);
    REQUIRE(store->commit(commit_of(4)));
    REQUIRE(store->end_checkpoint({}, "d2"));
    CHECK(store->journal_bytes() > 0);
  }
  const auto store = open(place);
  CHECK(value_of(store->recovered().checkpoint) == 2);
  CHECK(store->recovered().digest == "d2");
  CHECK(store->recovered().shard_rest == "rest2");
  CHECK_FALSE(store->recovered().groups_are_ahead);
  CHECK(value_of(store->last()) == 4);
  CHECK(frames_of(*store) == List{3, 4});
  CHECK(groups_of(*store) == Groups{{"a", "3"}});
  List ids;
  REQUIRE(store->visit_admitted([&](const AdmittedId& id) { ids.push_back(id.identity.low); }));
  CHECK(ids.size() == 4);
}

void another_pack_is_refused(Place& place) {
  { commit_up_to(*open(place), 1); }
  const auto store = Store::open(place.tables(), {.pack_hash = "p2"});
  REQUIRE_FALSE(store);
  CHECK(store.error().kind == Error::Kind::Usage);
  CHECK(store.error().message.find("p1") != std::string::npos);
}

void another_format_is_refused(Place& place) {
  { commit_up_to(*open(place), 1); }
  std::string format;
  ByteWriter(format).u32(99);
  WriteList list;
  list.put(Table::Meta, "format", format);
  REQUIRE(place.tables()->write(list, Sync::Now));
  const auto store = Store::open(place.tables(), {.pack_hash = "p1"});
  REQUIRE_FALSE(store);
  CHECK(store.error().kind == Error::Kind::Outside);
  CHECK(store.error().message.find("version 99") != std::string::npos);
}

void a_hole_in_the_log_is_seen(Place& place) {
  { commit_up_to(*open(place), 3); }
  std::string key;
  ByteWriter(key).key_u64(2);
  WriteList list;
  list.remove(Table::Journal, key);
  REQUIRE(place.tables()->write(list, Sync::Now));
  const auto store = Store::open(place.tables(), {.pack_hash = "p1"});
  REQUIRE_FALSE(store);
  CHECK(store.error().message.find("position 2") != std::string::npos);
}

struct Case {
  const char* name;
  void (*run)(Place&);
};
const Case kCases[] = {
    {"a new state is empty", new_state_is_empty},
    {"a state keeps its name", a_state_keeps_its_name},
    {"commits come back", commits_come_back},
    {"a checkpoint cuts the log", checkpoint_cuts_the_log},
    {"a second checkpoint replaces the first", second_checkpoint_replaces_the_first},
    {"ids past the horizon go at a checkpoint", ids_past_the_horizon_go},
    {"marks forget what is delivered", marks_and_outbox},
    {"queues do not mix", queues_do_not_mix},
    {"a value is delivered in part", a_value_is_delivered_in_part},
    {"a checkpoint in steps", a_checkpoint_in_steps},
    {"another pack is refused", another_pack_is_refused},
    {"another format is refused", another_format_is_refused},
    {"a hole in the log is seen", a_hole_in_the_log_is_seen},
};

TEST_CASE("a store over memory") {
  for (const Case& row : kCases) {
    CAPTURE(std::string(row.name));
    MemoryPlace place;
    row.run(place);
  }
}

TEST_CASE("a store over RocksDB") {
  for (const Case& row : kCases) {
    CAPTURE(std::string(row.name));
    RocksDbPlace place;
    row.run(place);
  }
}

TEST_CASE("a damaged record of the journal is named") {
  MemoryPlace place;
  { commit_up_to(*open(place), 3); }
  std::string key;
  ByteWriter(key).key_u64(3);
  const std::unique_ptr<KeyValue> tables = place.tables();
  std::string record = **tables->get(Table::Journal, key);
  record[record.size() / 2] ^= 1;
  WriteList list;
  list.put(Table::Journal, key, record);
  REQUIRE(tables->write(list, Sync::Now));
  const auto store = Store::open(place.tables(), {.pack_hash = "p1"});
  REQUIRE_FALSE(store);
  CHECK(store.error().message.find("position 3") != std::string::npos);
  CHECK(store.error().message.find("CRC") != std::string::npos);
}

TEST_CASE("a checkpoint that ends half way leaves the one before, and says so") {
  const auto tables = std::make_shared<MemoryTables>();
  const StoreOptions options{.pack_hash = "p1", .checkpoint_batch_bytes = 1};
  auto store = Store::open(make_memory_key_value(tables), options);
  REQUIRE(store);
  commit_up_to(**store, 2);
  REQUIRE((*store)->checkpoint(checkpoint_of(2, {{"a", "1"}, {"b", "1"}, {"gone", "1"}})));
  commit_up_to(**store, 4);
  tables->fail_after(1, Error::outside("disk full"));
  const auto failed =
      (*store)->checkpoint(checkpoint_of(4, {{"a", "2"}, {"b", "2"}, {"gone", ""}}));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "disk full");

  store = Store::open(make_memory_key_value(tables), options);
  REQUIRE(store);
  CHECK(value_of((*store)->recovered().checkpoint) == 2);
  CHECK((*store)->recovered().groups_are_ahead);
  CHECK(frames_of(**store) == List{3, 4});
  // A group may be newer than the marker; none is gone before it.
  CHECK(groups_of(**store) == Groups{{"a", "2"}, {"b", "1"}, {"gone", "1"}});
}

TEST_CASE("groups that must not be ahead of their marker go with it in one write") {
  const auto tables = std::make_shared<MemoryTables>();
  const StoreOptions options{.pack_hash = "p1", .checkpoint_batch_bytes = 1};
  auto store = Store::open(make_memory_key_value(tables), options);
  REQUIRE(store);
  Checkpoint together = checkpoint_of(2, {{"a", "1"}, {"b", "1"}, {"gone", "1"}});
  together.in_one_batch = true;
  commit_up_to(**store, 2);
  tables->fail_after(1, Error::outside("disk full"));
  REQUIRE((*store)->checkpoint(together));
  store = Store::open(make_memory_key_value(tables), options);
  REQUIRE(store);
  CHECK(value_of((*store)->recovered().checkpoint) == 2);
  CHECK_FALSE((*store)->recovered().groups_are_ahead);
  CHECK(groups_of(**store) == Groups{{"a", "1"}, {"b", "1"}, {"gone", "1"}});
}

TEST_CASE("a commit is synced, a mark rides with the next") {
  const auto tables = std::make_shared<MemoryTables>();
  auto store = Store::open(make_memory_key_value(tables), {.pack_hash = "p1"});
  REQUIRE(store);
  const size_t before = tables->synced_writes();
  commit_up_to(**store, 2);
  CHECK(tables->synced_writes() == before + 2);
  REQUIRE((*store)->mark("duty", {1, ""}));
  CHECK(tables->synced_writes() == before + 2);
}

TEST_CASE("a state folder in use is refused in words") {
  test::ScratchFolder folder;
  const auto first = open_rocksdb_key_value({.directory = folder / "state"});
  REQUIRE(first);
  const auto second = open_rocksdb_key_value({.directory = folder / "state"});
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == Error::Kind::Outside);
  CHECK(second.error().message.find("in use") != std::string::npos);
}

TEST_CASE("a state folder that cannot be made is refused in words") {
  const auto opened = open_rocksdb_key_value({.directory = "/dev/null/state"});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == Error::Kind::Outside);
}

}  // namespace
}  // namespace fengsui::state
