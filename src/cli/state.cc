#include "cli/state.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "archive/reader.h"
#include "base/clock.h"
#include "cli/exit_status.h"
#include "dispatch/dispatcher.h"
#include "pipeline/engine.h"
#include "rules/pack.h"
#include "state/rocksdb_key_value.h"

namespace fengsui::cli {
namespace {

using Json = nlohmann::ordered_json;

// Of a queue that nothing is delivered to: the engine is opened, and never started.
class NoSink final : public dispatch::Sink {
 public:
  Expected<uint64_t> open(const dispatch::DeliveryMark& mark) override { return mark.sequence; }
  Expected<dispatch::DeliveryMark> deliver(std::span<const dispatch::OutboxEntry>) override {
    return fail(Error::usage("nothing is delivered while a state is verified"));
  }
  void close() override {}
};

// A service keeps its tables in a folder of the state's; a replay's are the state.
std::string store_in(const std::string& directory) {
  const auto inner = std::filesystem::path(directory) / "store";
  std::error_code error;
  return std::filesystem::is_directory(inner, error) ? inner.string() : directory;
}

Expected<std::unique_ptr<state::KeyValue>> open_tables(const std::string& directory) {
  auto tables =
      state::open_rocksdb_key_value({.directory = store_in(directory), .read_only = true});
  if (!tables) return tables;
  const auto format = (*tables)->get(state::Table::Meta, "format");
  if (!format) return fail(format.error());
  if (!*format) return fail(Error::outside(directory + " holds no state"));
  return tables;
}

Expected<Json> counted(state::KeyValue& tables, state::Table table) {
  uint64_t entries = 0, key_bytes = 0, value_bytes = 0;
  const Expected<void> scanned =
      tables.scan(table, {}, [&](std::string_view key, std::string_view value) {
        ++entries;
        key_bytes += key.size();
        value_bytes += value.size();
        return true;
      });
  if (!scanned) return fail(scanned.error());
  const char* const name =
      table == state::Table::Meta ? "meta" : state::kTableNames[static_cast<size_t>(table)];
  return Json{{"table", name},
              {"entries", entries},
              {"key_bytes", key_bytes},
              {"value_bytes", value_bytes}};
}

// Entries of each queue that are not delivered yet, all of which are read.
Expected<Json> undelivered(state::Store& store) {
  Json out = Json::object();
  for (const auto& [name, queue] : store.recovered().queues) {
    uint64_t after = queue.mark.sequence, entries = 0;
    while (after < queue.last_sequence) {
      const auto read = store.outbox_after(name, after, {});
      if (!read) return fail(read.error());
      if (read->empty()) {
        return fail(Error::outside("the state is damaged: queue " + name + " lacks entry " +
                                   std::to_string(after + 1)));
      }
      entries += read->size();
      after = read->back().sequence;
    }
    out[name] = entries;
  }
  return out;
}

// The archive beside a service's state, if there is one: every block is read.
Expected<std::optional<uint64_t>> events_archived(const std::string& directory) {
  const auto folder = std::filesystem::path(directory) / "archive";
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) return std::nullopt;
  Expected<std::vector<archive::Segment>> segments = archive::list_segments(folder.string());
  if (!segments) return fail(segments.error());
  archive::Reader reader(std::move(*segments));
  uint64_t events = 0;
  const Expected<void> read = reader.events({}, [&](const archive::StoredEvent&) {
    ++events;
    return true;
  });
  if (!read) return fail(read.error());
  if (!reader.damage().empty()) return fail(Error::outside(reader.damage().front()));
  return events;
}

// Of every alert what people see is what its entries make.
Expected<uint64_t> verified_board(state::KeyValue& tables) {
  const Expected<board::Board> board = board::Board::open(tables);
  if (!board) return fail(board.error());
  const auto dispatcher = dispatch::Dispatcher::open({}, tables, SystemClock().wall());
  if (!dispatcher) return fail(dispatcher.error());
  return board->verify();
}

Expected<Json> verified(const std::string& directory) {
  auto tables = open_tables(directory);
  if (!tables) return fail(tables.error());
  if (Expected<void> sums = (*tables)->verify(); !sums) return fail(sums.error());
  auto store = state::Store::open(std::move(*tables), {});
  if (!store) return fail(store.error());
  const state::Recovered recovered = (*store)->recovered();
  const Expected<std::string> files = (*store)->pack_files(recovered.pack_hash);
  if (!files) return fail(files.error());
  auto rules = rules::load_kept_pack(*files);
  if (!rules) return fail(rules.error());
  Expected<Json> waiting = undelivered(**store);
  if (!waiting) return waiting;
  const Expected<uint64_t> alerts = verified_board((*store)->tables());
  if (!alerts) return fail(alerts.error());
  const Expected<std::optional<uint64_t>> archived = events_archived(directory);
  if (!archived) return fail(archived.error());
  const SystemClock clock;
  pipeline::EngineOptions options;
  pipeline::EngineParts parts{.rules = std::move(*rules),
                              .keys = nullptr,
                              .store = std::move(*store),
                              .archive = nullptr,
                              .queues = {},
                              .sources = {},
                              .clock = clock};
  parts.queues.push_back({options.plan.route.options.queue, std::make_unique<NoSink>()});
  auto engine = pipeline::Engine::open(std::move(parts), std::move(options));
  if (!engine) return fail(engine.error());
  const pipeline::EngineStatus status = (*engine)->status();
  Json out = {{"state", recovered.state_id},
              {"pack", (*engine)->rules()->hash},
              {"position", value_of(recovered.last)},
              {"checkpoint", value_of(recovered.checkpoint)},
              {"replayed", status.replayed},
              {"groups", status.groups},
              {"timers", status.timers},
              {"partitions", recovered.partitions.size()},
              {"read", status.records.read},
              {"alerts", *alerts},
              {"undelivered", std::move(*waiting)}};
  if (*archived) out["archived"] = **archived;
  return out;
}

Expected<void> require_empty(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error) || std::filesystem::is_empty(directory, error)) {
    return {};
  }
  return fail(Error::usage(directory + " is there already, and not empty"));
}

// All that is in `from`, but for the entry `without`. What fails names its file.
Expected<void> copy_all(const std::string& from, const std::string& to,
                        const std::string& without = {}) {
  namespace fs = std::filesystem;
  try {
    fs::create_directories(to);
    for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
      if (entry.path().filename() == without) continue;
      fs::copy(entry.path(), fs::path(to) / entry.path().filename(), fs::copy_options::recursive);
    }
  } catch (const fs::filesystem_error& error) {
    return fail(Error::outside(error.what()));
  }
  return {};
}

Expected<void> back_up(const std::string& directory, const std::string& to) {
  if (Expected<void> empty = require_empty(to); !empty) return empty;
  // Not read only: the lock keeps a service from going on while files are copied.
  if (auto there = open_tables(directory); !there) return fail(there.error());
  auto tables = state::open_rocksdb_key_value({.directory = store_in(directory)});
  if (!tables) return fail(tables.error());
  const bool is_service = store_in(directory) != directory;
  if (is_service) {
    if (Expected<void> copied = copy_all(directory, to, "store"); !copied) return copied;
    return (*tables)->copy_to((std::filesystem::path(to) / "store").string());
  }
  std::error_code error;
  std::filesystem::remove(to, error);  // RocksDB makes it
  return (*tables)->copy_to(to);
}

}  // namespace

int state_backup(const std::string& directory, const std::string& to) {
  const Expected<void> copied = back_up(directory, to);
  return copied ? state_verify(to) : report(copied.error());
}

int state_restore(const std::string& backup, const std::string& directory) {
  Expected<void> done = require_empty(directory);
  if (done) {
    if (auto there = open_tables(backup); !there) done = fail(there.error());
  }
  if (done) done = copy_all(backup, directory);
  return done ? state_verify(directory) : report(done.error());
}

int state_list(const std::string& directory) {
  auto tables = open_tables(directory);
  if (!tables) return report(tables.error());
  for (size_t i = 0; i < state::kTables; ++i) {
    const Expected<Json> line = counted(**tables, static_cast<state::Table>(i));
    if (!line) return report(line.error());
    std::printf("%s\n", line->dump().c_str());
  }
  return kDone;
}

int state_verify(const std::string& directory) {
  const Expected<Json> found = verified(directory);
  if (!found) return report(found.error());
  std::printf("%s\n", found->dump().c_str());
  return kDone;
}

}  // namespace fengsui::cli
