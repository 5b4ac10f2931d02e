// An event of a unit test as the record that a source would send, and the pack that takes it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "event/schema.h"
#include "rules/rule_set.h"
#include "rules/test_spec.h"

namespace fengsui::author {

// The same pack, but no field of an event is required ("fields left out stay out").
std::shared_ptr<const rules::RuleSet> without_required(const rules::RuleSet& rules);

// One CloudEvent as JSON. A plain string in an x-identity field stands for the token of each
// purpose, so that no test needs a key file; the words of the schema about it are checked here,
// since they are checked on a string alone: what is wrong is a rejection ("data.guest is none of
// its enum").
Expected<std::string, std::string> test_record(const rules::TestEvent& event,
                                               const event::EventType& type);

}  // namespace fengsui::author
