// What one atomic write of the store holds: a frame of the log and all that moves with it. And the
// checkpoint that lets the log be cut. Plain values; their stored forms stand in DESIGN.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "state/frame.h"
#include "state/key_value.h"

namespace fengsui::state {

// A source partition as the front knows it, and where its source reads on.
struct PartitionState {
  PartitionId id{};
  std::string name;
  EventTime seen = kBeforeAllTime;  // highest event time
  bool active = true;
  std::optional<uint64_t> next_position;  // absent: cannot be read again (HTTP)
};

// Of records, since the state was made: they survive restarts.
struct Totals {
  uint64_t read = 0, processed = 0, duplicate = 0, late = 0, dead_letter = 0;
  uint64_t late_admitted = 0;  // of processed
  friend bool operator==(const Totals&, const Totals&) = default;
};

// An event's identity (event::event_identity), kept for dedupe.
struct AdmittedId {
  Hash128 identity;
  PartitionId partition{};
  EventTime time{};
};

// A message of a queue, durable until it is delivered.
struct QueueEntry {
  std::string queue;
  uint64_t sequence = 0;  // of the queue, from 1, without gaps
  std::string key;
  std::string message;
};

struct Commit {
  Frame frame;  // may be empty; its position is one more than the last commit's
  // The frame's stored form; empty: it is made of `frame`, whose matches are not needed otherwise.
  std::string encoded_frame;
  std::vector<PartitionState> partitions;  // those that changed, whole
  std::vector<AdmittedId> admitted;
  std::vector<QueueEntry> outbox;
  // What the board keeps of this commit (board::Board), in the table Board; opaque here.
  WriteList board;
  // What the archive keeps of this commit (archive::BatchWriter); opaque here.
  std::string archive;
  // The files of the pack that frame.swap names (rules::RuleSet::files).
  std::shared_ptr<const std::string> pack_files;
  Totals totals;
  Arrival next_arrival{1};
};

// A commit's record in the journal, appended: all but outbox and pack, which have places of their
// own.
void encode_commit(const Commit& commit, std::string& out);
Expected<Commit> decode_commit(std::string_view bytes);

// What a checkpoint is of, beside groups and ids. Checkpoint has the meaning of each.
struct CheckpointHead {
  LogPosition position{};
  std::string pack_hash{}, shard_rest{}, archive_mark{};
  bool in_one_batch = false;
  Duration dedupe_horizon{};
};

struct Checkpoint {
  LogPosition position{};    // of the last commit; the log up to it can go
  std::string pack_hash;     // in force; the store forgets all others
  std::string shard_rest;    // Shard::encode_rest
  std::string archive_mark;  // archive::Archive::sync
  // The groups go with the marker in one write, so that none is ever ahead of it. Wanted where the
  // pack has changed since the last checkpoint (their rules may be unknown to the pack that the
  // marker names), and where rules read alerts: a replay must repeat what a group says to others,
  // and says nothing for one that is ahead.
  bool in_one_batch = false;
  // Visits the changed groups; an empty value: the group is gone.
  using VisitGroup = std::function<void(std::string_view key, std::string_view value)>;
  std::function<void(const VisitGroup&)> groups;
  std::function<std::string()> digest;  // of groups, once visited, and rest: Shard::stored_digest
  // Ids of events so far behind their partition's highest time are forgotten.
  Duration dedupe_horizon{};
};

// What a checkpoint's marker holds beside the groups.
struct Marker {
  LogPosition position{};
  std::string pack_hash;
  std::string digest;
  std::string archive_mark;
  Totals totals;
  Arrival next_arrival{1};
  std::vector<PartitionState> partitions;  // all, by id
};

std::string encode_marker(const Marker& marker);
Expected<Marker> decode_marker(std::string_view bytes);

// How far a queue is delivered, and what the sink keeps for itself (opaque).
struct QueueMark {
  uint64_t sequence = 0;
  std::string sink_state;
};

std::string encode_mark(const QueueMark& mark);
Expected<QueueMark> decode_mark(std::string_view bytes);

// A block of admitted ids of one partition.
std::string encode_seen(EventTime newest, const std::vector<AdmittedId>& ids);
struct SeenBlock {
  EventTime newest{};
  std::vector<AdmittedId> ids;  // partition is left to the key
};
Expected<SeenBlock> decode_seen(std::string_view bytes);

}  // namespace fengsui::state
