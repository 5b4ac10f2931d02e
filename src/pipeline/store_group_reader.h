// Groups between a shard and the store: where they are read, and how they are written.
#pragma once

#include <memory>

#include "pipeline/group_reader.h"
#include "pipeline/shard.h"
#include "state/store.h"

namespace fengsui::pipeline {

// The store must outlive it.
std::unique_ptr<GroupReader> read_groups_of(state::Store& store);
// Of the table of groups, for Store::put_groups. The list must outlive it.
Shard::PutGroup put_into(state::WriteList& list);

}  // namespace fengsui::pipeline
