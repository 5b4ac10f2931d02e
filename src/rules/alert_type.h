// The engine's own records as events: what rules over alerts read (rules.md, "Rules over alerts").
// The type has no schema file; slots are fixed, so that whoever makes such an event can fill them.
#pragma once

#include <memory>

#include "event/schema.h"

namespace fengsui::rules {

inline constexpr const char* kAlertTypeName = "alert";      // event.type
inline constexpr const char* kAlertSourceName = "fengsui";  // event.source

// Where an alert event has its fields; id, source, type and time stand in event::EnvelopeSlot's.
enum AlertSlot : int {
  kAlertRule = event::kEnvelopeSlots,  // string
  kAlertGrade,                         // string: blue, yellow, orange, red
  kAlertKind,                          // string: open, raise
  kAlertArea,        // string; missing: the record's is null. It is the type's x-area field
  kAlertDepartment,  // string; missing: the rule has no such label
  kAlertGroup,       // map from string: the record's `group` (README.md, "group"); may be empty
  kAlertSlots,
};

// Of type `alert`: fields rule, grade, kind, area, department, group.
std::shared_ptr<event::EventType> make_alert_type();

}  // namespace fengsui::rules
