#include "cli/desk_calls.h"

#include <utility>

#include "base/random_id.h"

namespace fengsui::cli {
namespace {

Error is_ending() { return Error::outside("the service is ending", true); }

}  // namespace

server::Dependencies::Act acting(pipeline::Engine& engine) {
  return [&engine](std::string alert, board::ActionRequest request, auto done) {
    engine.at_desk([alert = std::move(alert), request = std::move(request), done](
                       pipeline::Desk* desk, EventTime now) -> Expected<void> {
      Expected<board::Board::Acted> acted = fail(is_ending());
      if (desk != nullptr) acted = desk->act(alert, request, now);
      const bool failed = desk != nullptr && !acted;
      Expected<void> is = failed ? Expected<void>(fail(acted.error())) : Expected<void>{};
      done(std::move(acted));
      return is;
    });
  };
}

server::SilenceBook silences_of(pipeline::Engine& engine) {
  server::SilenceBook book;
  book.all = [&engine] { return engine.desk().silences().all(); };
  book.set = [&engine](dispatch::Silence silence, auto done) {
    engine.at_desk([silence = std::move(silence), done](pipeline::Desk* desk,
                                                        EventTime now) -> Expected<void> {
      if (desk == nullptr) {
        done(fail(is_ending()));
        return {};
      }
      Expected<Expected<std::string>> set = desk->set_silence(silence, random_id(16), now);
      if (!set) {
        done(fail(set.error()));
        return fail(set.error());
      }
      done(std::move(*set));
      return {};
    });
  };
  book.end = [&engine](std::string id, auto done) {
    engine.at_desk(
        [id = std::move(id), done](pipeline::Desk* desk, EventTime now) -> Expected<void> {
          if (desk == nullptr) {
            done(fail(is_ending()));
            return {};
          }
          Expected<std::optional<bool>> ended = desk->end_silence(id, now);
          Expected<void> is = ended ? Expected<void>{} : Expected<void>(fail(ended.error()));
          done(std::move(ended));
          return is;
        });
  };
  return book;
}

}  // namespace fengsui::cli
