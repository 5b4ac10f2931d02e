#include "cli/desk_calls.h"

#include <utility>

#include "base/random_id.h"
#include "pipeline/ask_desk.h"

namespace fengsui::cli {

using pipeline::Desk;

server::Dependencies::Act acting(pipeline::Engine& engine) {
  return [&engine](std::string alert, board::ActionRequest request, auto done) {
    pipeline::ask_desk<board::Board::Acted>(
        engine,
        [alert = std::move(alert), request = std::move(request)](Desk& desk, EventTime now) {
          return desk.act(alert, request, now);
        },
        std::move(done));
  };
}

server::SilenceBook silences_of(pipeline::Engine& engine) {
  server::SilenceBook book;
  book.all = [&engine] { return engine.desk().silences().all(); };
  book.set = [&engine](dispatch::Silence silence, auto done) {
    pipeline::ask_desk<Expected<std::string>>(
        engine,
        [silence = std::move(silence)](Desk& desk, EventTime now) {
          return desk.set_silence(silence, random_id(16), now);
        },
        [done = std::move(done)](Expected<Expected<std::string>> set) {
          done(set ? std::move(*set) : fail(set.error()));
        });
  };
  book.end = [&engine](std::string id, auto done) {
    pipeline::ask_desk<std::optional<bool>>(
        engine,
        [id = std::move(id)](Desk& desk, EventTime now) { return desk.end_silence(id, now); },
        std::move(done));
  };
  return book;
}

}  // namespace fengsui::cli
