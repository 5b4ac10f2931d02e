#include "event/shape.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace fengsui::event {
namespace {

// Brackets that a shape follows; deeper ones are rare.
constexpr int kDepthMax = 16;

struct Trace {
  std::string_view literal;
  StepKind kind;
  const PlanNode* node;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Goes over a record that is known to be right, and notes its steps. All return false where it has
// no shape.
class Tracer {
 public:
  Tracer(std::string_view text, const TypePlan& plan)
      : text_(text), plan_(plan), blank_(plan.blank) {}

  bool run() {
    skip_space();
    if (!members(Inside::Envelope, nullptr)) return false;
    traces_.push_back({text_.substr(literal_), StepKind::End, nullptr});
    return true;
  }
  const std::vector<Trace>& traces() const { return traces_; }

  ShapeStep end() {
    ShapeStep out{Literal(traces_.back().literal), StepKind::End, nullptr, {}, &plan_, {}, {}};
    std::vector<bool> filled(blank_.size(), false);
    for (const Trace& trace : traces_) {
      if (trace.node != nullptr && trace.node->keep) {
        filled[static_cast<size_t>(trace.node->field->slot)] = true;
      }
    }
    for (size_t slot = kEnvelopeSlots; slot < filled.size(); ++slot) {
      if (!filled[slot]) out.left.push_back(static_cast<int>(slot));
    }
    out.blank = std::move(blank_);
    return out;
  }

 private:
  enum class Inside { Envelope, Declared, Undeclared };

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  // From behind the opening quote to the closing one.
  std::string_view text_inside() {
    const size_t start = at_;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    return text_.substr(start, at_ - start);
  }

  // An object whose bracket stands here.
  bool members(Inside inside, const PlanNode* node) {
    if (++depth_ > kDepthMax) return false;
    ++at_;
    skip_space();
    while (text_[at_] != '}') {
      ++at_;
      const std::string_view name = text_inside();
      if (name.find('\\') != name.npos) return false;
      ++at_;
      skip_space();
      ++at_;  // the colon
      skip_space();
      if (!member(inside, node, name)) return false;
      skip_space();
      if (text_[at_] == ',') ++at_;
      skip_space();
    }
    ++at_;
    --depth_;
    return true;
  }

  bool member(Inside inside, const PlanNode* node, std::string_view name) {
    if (inside == Inside::Envelope) return envelope(name);
    const int part = inside == Inside::Declared ? node->find(name) : -1;
    return part < 0 ? undeclared() : declared(node->parts[static_cast<size_t>(part)]);
  }

  bool envelope(std::string_view name) {
    if (name == "id") return text(StepKind::Id, nullptr);
    if (name == "source") return text(StepKind::Source, nullptr);
    if (name == "time") return text(StepKind::Time, nullptr);
    if (name == "data") return object(plan_.data);
    if (name != "type" && name != "specversion") return undeclared();
    ++at_;
    text_inside();  // stays in the literal
    ++at_;
    return true;
  }

  bool declared(const PlanNode& part) {
    const Field& field = *part.field;
    if (field.identity) return text_[at_] == '"' && text(StepKind::Identity, &part);
    if (field.type == FieldType::String) return text(StepKind::Text, &part);
    if (!field.allowed.empty()) return false;
    switch (field.type) {
      case FieldType::Number:
        return scalar(StepKind::Number, &part);
      case FieldType::Integer:
        return scalar(StepKind::Integer, &part);
      case FieldType::Boolean:
        return scalar(StepKind::Boolean, &part);
      case FieldType::Object:
        return !part.keep && object(part);
      default:
        return false;
    }
  }

  bool object(const PlanNode& node) {
    if (node.field->slot >= 0) {
      for (const int slot : node.missing_inside) {
        blank_[static_cast<size_t>(slot)] = cel::Value::missing();
      }
    }
    return members(Inside::Declared, &node);
  }

  bool undeclared() {
    switch (text_[at_]) {
      case '"':
        return text(StepKind::AnyText, nullptr);
      case '{':
        return members(Inside::Undeclared, nullptr);
      case '[':
        return false;
      case 't':
      case 'f':
      case 'n':
        return scalar(StepKind::AnyWord, nullptr);
      default:
        return scalar(StepKind::AnyNumber, nullptr);
    }
  }

  bool text(StepKind kind, const PlanNode* node) {
    ++at_;
    note(kind, node);
    text_inside();
    literal_ = at_++;
    return true;
  }

  bool scalar(StepKind kind, const PlanNode* node) {
    note(kind, node);
    while (!is_space(text_[at_]) && text_[at_] != ',' && text_[at_] != '}') ++at_;
    literal_ = at_;
    return true;
  }

  void note(StepKind kind, const PlanNode* node) {
    traces_.push_back({text_.substr(literal_, at_ - literal_), kind, node});
  }

  const std::string_view text_;
  const TypePlan& plan_;
  std::vector<cel::Value> blank_;
  size_t at_ = 0;
  size_t literal_ = 0;  // where the next one starts
  int depth_ = 0;
  std::vector<Trace> traces_;
};

}  // namespace

Literal::Literal(std::string_view text) : words_(text.size() / sizeof(uint64_t)) {
  static_assert(std::endian::native == std::endian::little);
  size_ = text.size();
  const size_t whole = words_.size() * sizeof(uint64_t);
  const size_t rest = size_ - whole;
  if (whole > 0) std::memcpy(words_.data(), text.data(), whole);
  if (rest > 0) std::memcpy(&last_, text.data() + whole, rest);
  last_mask_ = (uint64_t{1} << 8 * rest) - 1;  // rest < 8
}

void Shapes::learn(std::string_view text, const TypePlan& plan) {
  if (credit_ < kLearningCost) {
    ++credit_;  // so that a stream that changes is learnt at last
    return;
  }
  credit_ -= kLearningCost;
  Tracer tracer(text, plan);
  if (!tracer.run()) return;
  if (steps_.size() + tracer.traces().size() > kStepsMax) {
    steps_.clear();
    roots_.clear();
  }
  std::optional<uint32_t> from;
  for (const Trace& trace : tracer.traces()) {
    std::vector<uint32_t>& next = from ? steps_[*from].next : roots_;
    const Literal literal(trace.literal);
    const auto known = std::find_if(next.begin(), next.end(), [&](uint32_t index) {
      const ShapeStep& step = steps_[index];
      return step.kind == trace.kind && step.node == trace.node && step.literal == literal;
    });
    if (known != next.end()) {
      from = *known;
      continue;
    }
    const auto made = static_cast<uint32_t>(steps_.size());
    next.insert(next.begin(), made);
    steps_.push_back(trace.kind == StepKind::End
                         ? tracer.end()
                         : ShapeStep{literal, trace.kind, trace.node, {}, nullptr, {}, {}});
    from = made;
  }
}

}  // namespace fengsui::event
