#include "cli/archive.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "archive/reader.h"
#include "cli/exit_status.h"
#include "cli/output_file.h"

namespace fengsui::cli {
namespace {

std::string segment_line(const archive::Segment& segment) {
  const archive::BatchSpan& span = segment.span;
  nlohmann::ordered_json line = {
      {"segment", segment.path}, {"bytes", segment.length}, {"events", span.events}};
  if (span.events > 0) {
    line["earliest"] = format_event_time(span.earliest);
    line["latest"] = format_event_time(span.latest);
    line["first_arrival"] = value_of(span.first);
    line["last_arrival"] = value_of(span.last);
  }
  line["types"] = span.types;
  return line.dump();
}

}  // namespace

int archive_list(const std::string& directory) {
  const Expected<std::vector<archive::Segment>> segments = archive::list_segments(directory);
  if (!segments) return report(segments.error());
  OutputFile out(STDOUT_FILENO);
  for (const archive::Segment& segment : *segments) {
    if (Expected<void> written = out.write_line(segment_line(segment)); !written) {
      return report(written.error());
    }
  }
  if (Expected<void> flushed = out.flush(); !flushed) return report(flushed.error());
  return kDone;
}

int archive_cat(const ArchiveCatOptions& options) {
  Expected<std::vector<archive::Segment>> segments = archive::list_segments(options.directory);
  if (!segments) return report(segments.error());
  archive::Reader reader(std::move(*segments));
  archive::Query query{.from = options.from, .to = options.to};
  query.types.insert(options.types.begin(), options.types.end());
  OutputFile out(STDOUT_FILENO);
  Expected<void> written;
  Expected<void> read = reader.events(query, [&](const archive::StoredEvent& event) {
    written = out.write_line(archive::cloud_event(event));
    return written.has_value();
  });
  if (written) written = out.flush();
  if (!written) return report(written.error());
  if (!read) return report(read.error());
  for (const std::string& damage : reader.damage()) std::fprintf(stderr, "%s\n", damage.c_str());
  return reader.damage().empty() ? kDone : kOutside;
}

}  // namespace fengsui::cli
