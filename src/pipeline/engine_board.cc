// Where records go: the queues and the board, in the commit that makes them. And what people do on
// the board, between two commits.
#include <algorithm>
#include <utility>

#include "pipeline/engine.h"

namespace fengsui::pipeline {
namespace {

// Those that its labels lead to, and those that records of the alert went to before: each once.
std::vector<std::string> queues_of(const dispatch::Route& root, const alert::Record& record,
                                   const rules::Rule& rule) {
  std::vector<std::string> queues;
  for (const alert::Told& told : record.told) {
    for (const dispatch::Route* route : routes_of(root, alert::labels_of(rule, told))) {
      const std::string& queue = route->options.queue;
      if (std::find(queues.begin(), queues.end(), queue) == queues.end()) queues.push_back(queue);
    }
  }
  return queues;
}

}  // namespace

Expected<void> Engine::queue_alerts(const std::vector<alert::Record>& records,
                                    const rules::RuleSet& rules, state::Commit& commit) {
  for (const alert::Record& record : records) {
    const rules::Rule& rule = rules.rule(record.rule);
    std::string message = options_.message ? options_.message(record, rule)
                                           : alert::queue_message(record, rule, rules.hash);
    const std::vector<std::string> queues = queues_of(options_.route, record, rule);
    if (board_) {
      const Expected<void> said = board_->say({record, rule, message, queues}, clock_.wall());
      if (!said) return said;
    }
    for (const std::string& queue : queues) {
      const bool is_last = &queue == &queues.back();
      commit.outbox.push_back(
          outbox_.number(queue, record.alert, is_last ? std::move(message) : message));
    }
  }
  return {};
}

void Engine::act(std::string alert, board::ActionRequest request, ActionDone done) {
  tasks_.ask([this, alert = std::move(alert), request = std::move(request),
              done = std::move(done)](bool runs) {
    if (!runs) return done(fail(Error::outside("the engine is ending")));
    Expected<board::Board::Acted> acted = board_->act(alert, request, clock_.wall());
    if (!acted) {
      store_failed_ = true;
      board_failure_ = acted.error();
    }
    done(std::move(acted));
  });
}

}  // namespace fengsui::pipeline
