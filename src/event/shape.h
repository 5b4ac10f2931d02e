// The shapes of records that the decoder has taken: what stands between their values, byte for
// byte, with the names of all fields, the spec version and the type. A record that has the bytes of
// a known shape has its names in their places: none is missing, doubled or unknown in another way.
// So only the values are left to check (shape_reader.h).
//
// Shapes are paths of a tree of steps: a step is the bytes before a value, and the value's kind.
// Part of the decoder; one a thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "event/decode_plan.h"

namespace fengsui::event {

// Bytes to compare with, eight at a time.
class Literal {
 public:
  explicit Literal(std::string_view text);
  size_t size() const { return size_; }
  // Requires: eight bytes beyond the end of the text at `at` can be read, and are zero. Literals
  // have no zero byte, so no comparison goes on beyond the text.
  bool stands_at(const char* at) const {
    uint64_t word;
    for (const uint64_t want : words_) {
      std::memcpy(&word, at, sizeof word);
      if (word != want) return false;
      at += sizeof word;
    }
    std::memcpy(&word, at, sizeof word);
    return (word & last_mask_) == last_;
  }
  bool operator==(const Literal& other) const = default;

 private:
  std::vector<uint64_t> words_;  // the whole ones
  uint64_t last_ = 0, last_mask_ = 0;
  size_t size_ = 0;
};

// What a value must be. Texts are inside their quotes, which belong to the literals.
enum class StepKind : uint8_t {
  End,  // no value: the record ends with the literal
  Id,
  Source,
  Time,
  Text,
  Identity,
  Number,
  Integer,
  Boolean,
  AnyText,  // of a field that no schema declares
  AnyNumber,
  AnyWord,
};

struct ShapeStep {
  Literal literal;
  StepKind kind;
  const PlanNode* node;        // of a declared field; else null
  std::vector<uint32_t> next;  // the one last taken stands first
  // Of the end:
  const TypePlan* plan = nullptr;
  std::vector<int> left;          // slots that no step fills
  std::vector<cel::Value> blank;  // all slots before the steps fill theirs
};

class Shapes {
 public:
  // Requires: `text` is a record that was taken as an event of the plan's type. One that has no
  // shape (arrays, kept objects, tokens, names with escapes) is left out; so is all at times when
  // hardly a record has a shape that is known.
  void learn(std::string_view text, const TypePlan& plan);
  // A record had a known shape: it pays for learning more.
  void note_hit() {
    if (credit_ < kCreditMax) ++credit_;
  }

  std::vector<uint32_t>& roots() { return roots_; }
  ShapeStep& step(uint32_t index) { return steps_[index]; }
  size_t size() const { return steps_.size(); }

 private:
  static constexpr size_t kStepsMax = 4096;
  static constexpr int kCreditMax = 4096;
  static constexpr int kLearningCost = 8;  // in hits

  std::vector<ShapeStep> steps_;
  std::vector<uint32_t> roots_;
  int credit_ = kCreditMax;
};

}  // namespace fengsui::event
