// The engine's checkpoints, in steps between its commits, and what leaves memory after them
// (state/DESIGN.md, "A checkpoint", "Cold groups"). A part of Engine, on its thread.
#pragma once

#include <optional>
#include <string>

#include "pipeline/engine.h"

namespace fengsui::pipeline {

struct Engine::Checkpoints {
  explicit Checkpoints(Engine& of) : engine(of) {}

  // After a commit: groups leave memory; a checkpoint is begun or goes on.
  Expected<void> after_commit();
  // Of now, whole; before it the one that is being made.
  Expected<void> make();
  Expected<void> finish();  // the one that is being made, if there is one

  Expected<void> rest_groups();
  bool must_be_in_one_batch() const;
  Expected<void> begin();
  Expected<void> step();
  Expected<bool> put_some();
  Expected<void> end();

  Engine& engine;
  bool swapped_since = false;  // the last checkpoint
  bool groups_press = false;   // they take more than they should, and cannot go before a checkpoint
  MonotonicTime last{};
  struct Running {
    LogPosition position{};
    std::string shard_rest;
  };
  std::optional<Running> running;
};

}  // namespace fengsui::pipeline
