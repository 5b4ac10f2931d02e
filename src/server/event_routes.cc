// POST /v1/events: body -> texts of events -> one batch for the engine -> 202 once it is durable.
#include <nlohmann/json.hpp>
#include <optional>

#include "base/invariant.h"
#include "server/body_cutter.h"
#include "server/media_type.h"
#include "server/problem_json.h"
#include "server/server.h"

namespace fengsui::server {
namespace {

using source::Batch;
using source::RecordResult;
using Pieces = std::vector<std::string_view>;
using CutBody = Expected<Pieces, CutError> (*)(std::string_view body, size_t pieces_max);

Expected<Pieces, CutError> one_event(std::string_view body, size_t) { return Pieces{body}; }

struct Format {
  std::string_view media_type;
  CutBody cut;
};
constexpr Format kFormats[] = {
    {"application/cloudevents+json", one_event},
    {"application/json", one_event},
    {"application/cloudevents-batch+json", cut_array},
    {"application/x-ndjson", cut_lines},
};

const Format* format_of(const Request& request) {
  const std::string_view coding = request.header("Content-Encoding");
  const std::optional<MediaType> type = parse_media_type(request.header("Content-Type"));
  if (!type || (!coding.empty() && coding != "identity")) return nullptr;
  if (!type->charset.empty() && type->charset != "utf-8") return nullptr;
  for (const Format& format : kFormats) {
    if (format.media_type == type->name) return &format;
  }
  return nullptr;
}

Response unsupported() {
  std::string accepted;
  for (const Format& format : kFormats) {
    if (!accepted.empty()) accepted += ", ";
    accepted += format.media_type;
  }
  Response response =
      problem(415, "media-type", "Events come as " + accepted + "; in UTF-8, uncompressed.");
  response.headers.push_back({"Accept-Post", std::move(accepted)});
  return response;
}

Response try_again(int status, const char* slug, std::string detail,
                   const std::vector<std::string>& reasons = {}) {
  Response response = problem(status, slug, detail, {{"accepted", 0}, {"reasons", reasons}});
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

// `cut_error`: why the body went to the engine as one record, if it did.
Response outcome_of(const std::vector<RecordResult>& results,
                    const std::optional<CutError>& cut_error) {
  uint64_t processed = 0;
  uint64_t duplicate = 0;
  nlohmann::ordered_json bad = nlohmann::ordered_json::array();
  for (size_t i = 0; i < results.size(); ++i) {
    const RecordResult& result = results[i];
    processed += result.outcome == event::Outcome::Processed;
    duplicate += result.outcome == event::Outcome::Duplicate;
    if (result.outcome != event::Outcome::Late && result.outcome != event::Outcome::DeadLetter) {
      continue;
    }
    const auto reason = result.rejected ? result.rejected->reason : event::Rejection::Late;
    std::string message = result.rejected ? result.rejected->message : "too late";
    if (cut_error) {
      message = "at byte " + std::to_string(cut_error->offset) + ": " + cut_error->message +
                "; the whole body is one dead letter";
    }
    bad.push_back({{"index", i},
                   {"reason", event::kRejectionNames[static_cast<size_t>(reason)]},
                   {"message", std::move(message)}});
  }
  nlohmann::ordered_json counts = {
      {"accepted", processed + duplicate}, {"processed", processed}, {"duplicate", duplicate}};
  if (bad.empty()) return {202, "application/json", json_text(counts), {}};
  counts["rejected"] = bad.size();
  counts["errors"] = std::move(bad);
  return problem(400, "bad-events",
                 std::to_string(results.size() - processed - duplicate) + " of " +
                     std::to_string(results.size()) +
                     " events were rejected and are in the dead letters; the others are accepted "
                     "and durable.",
                 counts);
}

class EventRoute {
 public:
  EventRoute(const ServerOptions& options, const Dependencies& dependencies)
      : options_(options),
        batches_(dependencies.batches),
        clock_(dependencies.clock),
        readiness_(dependencies.readiness),
        queue_full_(dependencies.metrics.limit_hits_total("http_batch_queue")),
        too_many_events_(dependencies.metrics.limit_hits_total("http_events_per_post_max")) {}

  void post(const Request& request, const Responder& responder) const {
    const Format* format = format_of(request);
    if (!format) return responder.answer(unsupported());
    if (request.body.empty()) {
      return responder.answer(problem(400, "empty", "The body is empty.", {{"accepted", 0}}));
    }
    Expected<Pieces, CutError> pieces = format->cut(request.body, options_.events_per_post_max);
    std::optional<CutError> cut_error;
    if (!pieces) {
      cut_error = pieces.error();
      if (cut_error->kind == CutError::Kind::TooMany) {
        too_many_events_.add();
        return responder.answer(
            problem(413, "limit", "The body has " + cut_error->message + ".", {{"accepted", 0}}));
      }
      pieces = Pieces{request.body};
    }
    if (pieces->empty()) return responder.answer(outcome_of({}, {}));
    push(batch_of(*pieces, std::move(cut_error), responder), responder);
  }

 private:
  Batch batch_of(const Pieces& pieces, std::optional<CutError> cut_error,
                 const Responder& responder) const {
    Batch batch;
    batch.source = options_.source;
    batch.accepted = clock_.monotonic();
    batch.items.reserve(pieces.size());
    for (const std::string_view piece : pieces) batch.add(piece, batch.items.size());
    // Runs on the engine's thread, which must not lose time over JSON.
    batch.committed = [responder, cut_error = std::move(cut_error),
                       count = pieces.size()](Expected<std::vector<RecordResult>> results) {
      responder.answer_with([results = std::move(results), cut_error, count] {
        if (!results) {
          return try_again(503, "engine", "The events could not be made durable.",
                           {results.error().message});
        }
        INVARIANT(results->size() == count);
        return outcome_of(*results, cut_error);
      });
    };
    return batch;
  }

  void push(Batch batch, const Responder& responder) const {
    const Readiness now = readiness_();
    if (!now.alive || !now.ready) {
      return responder.answer(
          try_again(503, "not-ready", "The service takes no events now.", now.reasons));
    }
    const size_t bytes = batch.bytes();
    if (batches_.try_push(std::move(batch), bytes)) return;
    queue_full_.add();
    responder.answer(
        try_again(429, "busy", "The queue of events is full; nothing of this was taken."));
  }

  const ServerOptions options_;
  source::BatchQueue& batches_;
  const Clock& clock_;
  const std::function<Readiness()> readiness_;
  const Counter queue_full_;
  const Counter too_many_events_;
};

}  // namespace

void add_event_routes(Router& router, const ServerOptions& options,
                      const Dependencies& dependencies) {
  const auto route = std::make_shared<const EventRoute>(options, dependencies);
  router.add("POST", "/v1/events", [route](const Request& request, const Responder& responder) {
    route->post(request, responder);
  });
}

}  // namespace fengsui::server
