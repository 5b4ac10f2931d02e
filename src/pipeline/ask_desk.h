// A question to the duty desk, and its answer. Apart from engine.h, which need not know of answers.
#pragma once

#include <functional>
#include <utility>

#include "pipeline/engine.h"

namespace fengsui::pipeline {

// Asked on the engine's thread, between two commits; `done` hears the answer there, and an error of
// it, which is the store's, ends the engine. `done` of an engine that is ending hears so at once.
template <class Answer>
void ask_desk(Engine& engine, std::function<Expected<Answer>(Desk& desk, EventTime now)> question,
              std::function<void(Expected<Answer>)> done) {
  engine.at_desk([question = std::move(question), done = std::move(done)](
                     Desk* desk, EventTime now) -> Expected<void> {
    if (desk == nullptr) {
      done(fail(Error::outside("the service is ending", true)));
      return {};
    }
    Expected<Answer> answer = question(*desk, now);
    Expected<void> stored = answer ? Expected<void>{} : Expected<void>(fail(answer.error()));
    done(std::move(answer));
    return stored;
  });
}

}  // namespace fengsui::pipeline
