// Which of many `when`s may hold for an event? An index over their conjuncts (DESIGN.md). Not for
// callers of the folder.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cel/conjuncts.h"
#include "cel/tables.h"
#include "cel/value.h"
#include "match/column.h"
#include "match/scratch.h"
#include "match/when_index_parts.h"

namespace fengsui::match {

// Slots of events such as will come: what is chosen by them changes no answer.
using Sample = std::vector<std::vector<cel::Value>>;

// Immutable once made.
class WhenIndex {
 public:
  struct Found {
    uint32_t rule;
    bool holds;  // else it is not known: ask it
  };

  // Rule i has `whens[i]`; null: every event. The tables must outlive it.
  WhenIndex(const std::vector<const cel::Program*>& whens, const cel::Tables& tables,
            const Sample& sample = {});

  // Appends, ascending, every rule whose `when` is not false, and perhaps some whose is.
  void find(std::span<const cel::Value> slots, Scratch& scratch, std::vector<Found>& out) const;

 private:
  class Builder;

  class Search;

  const cel::Tables& tables_;
  std::vector<Column> columns_;
  std::vector<uint32_t> key_columns_;  // that some shape's key has
  std::vector<Shape> shapes_;
  std::vector<Shape> mention_shapes_;  // those that have such a key
  std::vector<Check> checks_;
  std::vector<Atom> atoms_;
  size_t room_ = 0;  // of a Scratch
};

}  // namespace fengsui::match
