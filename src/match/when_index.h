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
#include "match/sample.h"
#include "match/scratch.h"
#include "match/when_index_parts.h"

namespace fengsui::match {

// Immutable once made.
class WhenIndex {
 public:
  struct Found {
    uint32_t rule;
    bool holds;  // else it is not known: ask it
  };

  // By a sample of the events: the order of their ranges for each set of rules that have several.
  // Equal ones choose alike.
  using Choices = std::vector<std::vector<Range>>;

  // Rule i has `whens[i]`; null: every event. The tables must outlive it.
  WhenIndex(const std::vector<const cel::Program*>& whens, const cel::Tables& tables,
            const Sample& sample = {});

  // Appends, ascending, every rule whose `when` is not false, and perhaps some whose is.
  void find(std::span<const cel::Value> slots, Scratch& scratch, std::vector<Found>& out) const;

  const Choices& choices() const { return choices_; }
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
  Choices choices_;
  size_t room_ = 0;  // of a Scratch
};

}  // namespace fengsui::match
