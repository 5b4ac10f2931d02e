// What the HTTP face asks of the duty desk, on the engine's thread.
#pragma once

#include "pipeline/engine.h"
#include "server/server.h"

namespace fengsui::cli {

// Requires: the engine outlives what they give.
server::Dependencies::Act acting(pipeline::Engine& engine);
server::SilenceBook silences_of(pipeline::Engine& engine);

}  // namespace fengsui::cli
