// The outbox: what a commit gives a queue is a value (DESIGN.md, "The outbox").
#include <algorithm>
#include <utility>

#include "base/byte_codec.h"
#include "base/hash.h"
#include "state/store.h"
#include "state/store_keys.h"

namespace fengsui::state {
namespace {

constexpr uint8_t kVersion = 1;
// A value is read whole for each batch that is delivered of it.
constexpr size_t kMessagesMax = 1000;
constexpr size_t kBytesMax = 1 << 20;

// The messages of a value, and the number of the first.
struct Value {
  uint64_t first = 0, messages = 0;
  ByteReader in;
};

std::optional<Value> read_value(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.u8() != kVersion) return std::nullopt;
  const uint64_t first = in.varint();
  const uint64_t messages = in.varint();
  if (!in.ok() || first == 0 || messages == 0) return std::nullopt;
  return Value{first, messages, in};
}

}  // namespace

// In the order of the entries, queue by queue; those of a queue follow each other without gaps.
void Store::put_outbox(const std::vector<QueueEntry>& outbox, WriteList& list) {
  std::map<std::string_view, std::vector<const QueueEntry*>> by_queue;
  for (const QueueEntry& entry : outbox) by_queue[entry.queue].push_back(&entry);
  for (const auto& [queue, entries] : by_queue) {
    for (size_t from = 0; from < entries.size();) {
      size_t end = from, bytes = 0;
      while (end < entries.size() && end - from < kMessagesMax && bytes < kBytesMax) {
        bytes += entries[end++]->message.size();
      }
      const uint64_t last = entries[end - 1]->sequence;
      std::string& value = list.begin_put(Table::Outbox, outbox_key(queue, last));
      ByteWriter out(value);
      out.u8(kVersion);
      out.varint(entries[from]->sequence);
      out.varint(end - from);
      for (; from < end; ++from) {
        out.text(entries[from]->key);
        out.text(entries[from]->message);
      }
      list.end_put();
      std::lock_guard lock(outbox_mutex_);
      outbox_values_[std::string(queue)].push_back(last);
    }
  }
}

Expected<std::vector<QueueEntry>> Store::outbox_after(std::string_view queue, uint64_t after,
                                                      OutboxLimits limits) {
  const std::string prefix = outbox_key(queue, 0).substr(0, queue.size() + 1);
  std::vector<QueueEntry> entries;
  size_t bytes = 0;
  bool whole = true;
  const auto full = [&] {
    return entries.size() >= limits.entries_max || bytes >= limits.bytes_max;
  };
  const auto read = [&](uint64_t last, std::string_view stored) {
    std::optional<Value> value = read_value(stored);
    // A value may be delivered in part; there are no gaps from there on.
    if (!value || value->first > after + entries.size() + 1) return false;
    uint64_t sequence = value->first;
    for (; sequence < value->first + value->messages && !full(); ++sequence) {
      const std::string_view key = value->in.text(), message = value->in.text();
      if (!value->in.ok()) return false;
      if (sequence <= after) continue;
      entries.push_back({std::string(queue), sequence, std::string(key), std::string(message)});
      bytes += key.size() + message.size();
    }
    return sequence <= last ? full() : sequence == last + 1 && value->in.at_end();
  };
  const Expected<void> scanned =
      tables_->scan(Table::Outbox, outbox_key(queue, after + 1),
                    [&](std::string_view key, std::string_view value) {
                      if (!key.starts_with(prefix) || full()) return false;
                      whole = read(ByteReader(key.substr(prefix.size())).key_u64(), value);
                      return whole;
                    });
  if (!scanned) return fail(scanned.error());
  if (!whole) return fail(damaged("an outbox entry of queue " + std::string(queue)));
  return entries;
}

Expected<void> Store::read_queues() {
  Expected<void> done;
  const Expected<void> marks =
      tables_->scan(Table::Meta, kMarkPrefix, [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(kMarkPrefix)) return false;
        Expected<QueueMark> mark = decode_mark(value);
        if (!mark) {
          done = fail(damaged(mark.error().message));
          return false;
        }
        QueueState& queue = recovered_.queues[std::string(key.substr(kMarkPrefix.size()))];
        queue.last_sequence = mark->sequence;
        queue.mark = std::move(*mark);
        return true;
      });
  if (!marks) return marks;
  if (!done) return done;
  return tables_->scan(Table::Outbox, {}, [&](std::string_view key, std::string_view) {
    const size_t name_end = key.find('\0');
    if (name_end == std::string_view::npos) return true;
    const std::string name(key.substr(0, name_end));
    const uint64_t last = ByteReader(key.substr(name_end + 1)).key_u64();
    uint64_t& newest = recovered_.queues[name].last_sequence;
    newest = std::max(newest, last);
    outbox_values_[name].push_back(last);
    return true;
  });
}

Expected<void> Store::mark(std::string_view queue, const QueueMark& mark) {
  WriteList list;
  list.put(Table::Meta, std::string(kMarkPrefix) + std::string(queue), encode_mark(mark));
  {
    std::lock_guard lock(outbox_mutex_);
    const auto values = outbox_values_.find(queue);
    while (values != outbox_values_.end() && !values->second.empty() &&
           values->second.front() <= mark.sequence) {
      list.remove(Table::Outbox, outbox_key(queue, values->second.front()));
      values->second.pop_front();
    }
  }
  return tables_->write(list, Sync::Later);
}

}  // namespace fengsui::state
