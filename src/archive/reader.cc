#include "archive/reader.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "archive/block.h"

namespace fengsui::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "segment-";
constexpr std::string_view kExtension = ".fsa";

std::optional<uint64_t> number_of(const fs::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kExtension)) return std::nullopt;
  const std::string digits =
      name.substr(kPrefix.size(), name.size() - kPrefix.size() - kExtension.size());
  const bool whole =
      !digits.empty() && digits.size() <= 18 &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!whole) return std::nullopt;
  return std::stoull(digits);
}

}  // namespace

std::string segment_path(const std::string& directory, uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < 10) digits.insert(0, 10 - digits.size(), '0');
  return (fs::path(directory) / (std::string(kPrefix) + digits + std::string(kExtension))).string();
}

Expected<Segment> read_segment(const std::string& path, uint64_t number) {
  Expected<BlockReader> blocks = BlockReader::open(path);
  if (!blocks) return fail(blocks.error());
  Segment segment{number, path, 0, {}};
  for (;;) {
    const Expected<bool> more = blocks->next();
    if (!more) return fail(more.error());
    if (!*more) break;
    segment.span.add(blocks->block().span);
  }
  segment.length = blocks->offset();
  return segment;
}

Expected<std::vector<Segment>> list_segments(const std::string& directory) {
  std::vector<Segment> segments;
  std::error_code code;
  for (fs::directory_iterator entry(directory, code), end; !code && entry != end;
       entry.increment(code)) {
    const std::optional<uint64_t> number = number_of(entry->path());
    if (!number) continue;
    Expected<Segment> segment = read_segment(entry->path().string(), *number);
    if (!segment) return fail(segment.error());
    segments.push_back(std::move(*segment));
  }
  if (code) return fail(Error::outside("archive " + directory + ": " + code.message()));
  std::sort(segments.begin(), segments.end(),
            [](const Segment& a, const Segment& b) { return a.number < b.number; });
  return segments;
}

bool Reader::visit_block(const std::string& raw, const std::function<bool(Batch&)>& visit) {
  for (std::string_view rest = raw; !rest.empty();) {
    Expected<Batch> batch = batch_reader_.next(rest);
    if (!batch) {
      damage_.push_back(batch.error().message);
      return true;
    }
    if (!visit(*batch)) return false;
  }
  return true;
}

Expected<void> Reader::visit_batches(const WantsBlock& wants,
                                     const std::function<bool(Batch&)>& visit) {
  damage_.clear();
  for (const Segment& segment : segments_) {
    if (!wants(segment.span)) continue;
    if (!fs::exists(segment.path)) continue;  // expired meanwhile
    Expected<BlockReader> blocks = BlockReader::open(segment.path, segment.length);
    if (!blocks) return fail(blocks.error());
    for (;;) {
      const Expected<bool> more = blocks->next();
      if (!more) return fail(more.error());
      if (!*more) break;
      if (!wants(blocks->block().span)) continue;
      const Expected<std::string> raw = blocks->payload();
      if (!raw) {
        damage_.push_back(raw.error().message);
      } else if (!visit_block(*raw, visit)) {
        return {};
      }
    }
    if (blocks->offset() < blocks->length()) {
      damage_.push_back("archive " + segment.path + ": no whole block at byte " +
                        std::to_string(blocks->offset()));
    }
  }
  return {};
}

Expected<void> Reader::events(const Query& query,
                              const std::function<bool(const StoredEvent&)>& visit) {
  const auto wants = [&](const BatchSpan& span) {
    return span.events > 0 && span.last > query.after && span.latest >= query.from &&
           span.earliest < query.to &&
           (query.types.empty() ||
            std::any_of(query.types.begin(), query.types.end(),
                        [&](const std::string& type) { return span.has_type(type); }));
  };
  return visit_batches(wants, [&](Batch& batch) {
    for (const StoredEvent& event : batch.events) {
      const bool wanted = event.arrival > query.after && event.time >= query.from &&
                          event.time < query.to &&
                          (query.types.empty() || query.types.count(event.type->name) > 0);
      if (wanted && !visit(event)) return false;
    }
    return true;
  });
}

Expected<void> Reader::batches(LogPosition after, const std::function<bool(Batch&)>& visit) {
  return visit_batches([&](const BatchSpan& span) { return span.last_position > after; },
                       [&](Batch& batch) { return batch.position <= after || visit(batch); });
}

Expected<std::optional<StoredEvent>> Reader::at(Arrival arrival) {
  std::optional<StoredEvent> found;
  const auto wants = [&](const BatchSpan& span) {
    return span.events > 0 && span.first <= arrival && arrival <= span.last;
  };
  const Expected<void> done = visit_batches(wants, [&](Batch& batch) {
    for (StoredEvent& event : batch.events) {
      if (event.arrival == arrival) found = std::move(event);
    }
    return !found;
  });
  if (!done) return fail(done.error());
  return found;
}

}  // namespace fengsui::archive
