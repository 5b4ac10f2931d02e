// The codes of findings, each with its page in explanations.cc. A code, once given out, keeps its
// meaning; what a later version no longer reports leaves a gap.
#pragma once

#include <string_view>

namespace fengsui::rules::code {

// Files.
inline constexpr std::string_view kFolder = "FS001";
inline constexpr std::string_view kUnreadable = "FS002";
inline constexpr std::string_view kTooLarge = "FS003";
inline constexpr std::string_view kEncoding = "FS004";
inline constexpr std::string_view kControlCharacter = "FS005";
inline constexpr std::string_view kEmptyFile = "FS006";
inline constexpr std::string_view kStrayFile = "FS007";
inline constexpr std::string_view kUnusableName = "FS008";

// YAML.
inline constexpr std::string_view kYamlSyntax = "FS101";
inline constexpr std::string_view kAnchor = "FS102";
inline constexpr std::string_view kTag = "FS103";
inline constexpr std::string_view kDuplicateKey = "FS104";
inline constexpr std::string_view kComplexKey = "FS105";
inline constexpr std::string_view kTooDeep = "FS106";
inline constexpr std::string_view kDocuments = "FS107";
inline constexpr std::string_view kWrongKind = "FS108";
inline constexpr std::string_view kUnknownKey = "FS109";
inline constexpr std::string_view kMissingKey = "FS110";
inline constexpr std::string_view kUnknownTimezone = "FS111";

// Lists, keywords, areas.
inline constexpr std::string_view kCsvSyntax = "FS201";
inline constexpr std::string_view kCsvRagged = "FS202";
inline constexpr std::string_view kCsvKeyTwice = "FS203";
inline constexpr std::string_view kCsvHeader = "FS204";
inline constexpr std::string_view kNoKeywords = "FS205";
inline constexpr std::string_view kUnknownParent = "FS206";
inline constexpr std::string_view kAreaCycle = "FS207";
inline constexpr std::string_view kAreaPlace = "FS208";

// Schemas.
inline constexpr std::string_view kUnknownWord = "FS301";
inline constexpr std::string_view kFieldType = "FS302";
inline constexpr std::string_view kWordOfOtherType = "FS303";
inline constexpr std::string_view kBadLimit = "FS304";
inline constexpr std::string_view kBadEnum = "FS305";
inline constexpr std::string_view kBadPattern = "FS306";
inline constexpr std::string_view kTypeTwice = "FS307";
inline constexpr std::string_view kReservedType = "FS308";
inline constexpr std::string_view kBadRequired = "FS309";
inline constexpr std::string_view kBadExtension = "FS310";
inline constexpr std::string_view kAreaTwice = "FS311";
inline constexpr std::string_view kUnknownFormat = "FS312";
inline constexpr std::string_view kPropertyName = "FS313";

// Rules.
inline constexpr std::string_view kRuleId = "FS401";
inline constexpr std::string_view kRuleTwice = "FS402";
inline constexpr std::string_view kUnknownType = "FS403";
inline constexpr std::string_view kFromTwice = "FS404";
inline constexpr std::string_view kGroupCount = "FS405";
inline constexpr std::string_view kGroupValue = "FS406";
inline constexpr std::string_view kDuration = "FS407";
inline constexpr std::string_view kWindow = "FS408";
inline constexpr std::string_view kRetain = "FS409";
inline constexpr std::string_view kGrade = "FS410";
inline constexpr std::string_view kGradeNever = "FS411";
inline constexpr std::string_view kChoice = "FS412";
inline constexpr std::string_view kLabel = "FS413";
inline constexpr std::string_view kLetName = "FS414";
inline constexpr std::string_view kNoPurpose = "FS415";
inline constexpr std::string_view kOtherPurpose = "FS416";
inline constexpr std::string_view kBrace = "FS417";
inline constexpr std::string_view kEmit = "FS418";
inline constexpr std::string_view kException = "FS419";
inline constexpr std::string_view kExceptionUnowned = "FS420";
inline constexpr std::string_view kUntil = "FS421";
inline constexpr std::string_view kBaseline = "FS422";
inline constexpr std::string_view kBaselineRetain = "FS423";
inline constexpr std::string_view kSeenBy = "FS424";
inline constexpr std::string_view kOrder = "FS425";
inline constexpr std::string_view kAlertsMixed = "FS426";
inline constexpr std::string_view kSequenceKey = "FS427";
inline constexpr std::string_view kSteps = "FS428";
inline constexpr std::string_view kStepName = "FS429";
inline constexpr std::string_view kStepNameHides = "FS430";
inline constexpr std::string_view kDefName = "FS431";
inline constexpr std::string_view kDefCycle = "FS432";
inline constexpr std::string_view kDefUnused = "FS433";
inline constexpr std::string_view kDefTooLarge = "FS434";

// Expressions.
inline constexpr std::string_view kSyntax = "FS501";
inline constexpr std::string_view kUnknownName = "FS502";
inline constexpr std::string_view kTypeMismatch = "FS503";
inline constexpr std::string_view kUnknownFunction = "FS504";
inline constexpr std::string_view kNotHere = "FS505";
inline constexpr std::string_view kProtected = "FS506";
inline constexpr std::string_view kOptionalField = "FS507";
inline constexpr std::string_view kBadConstant = "FS508";
inline constexpr std::string_view kAggregate = "FS509";
inline constexpr std::string_view kNoAggregate = "FS510";
inline constexpr std::string_view kNoBaseline = "FS511";

// Not wrong, and yet not meant: warnings.
inline constexpr std::string_view kGradeHidden = "FS601";
inline constexpr std::string_view kContradiction = "FS602";
inline constexpr std::string_view kIdlePart = "FS603";
inline constexpr std::string_view kNotInEnum = "FS604";
inline constexpr std::string_view kBeyondLimits = "FS605";
inline constexpr std::string_view kUnusedList = "FS606";
inline constexpr std::string_view kUnusedKeywords = "FS607";
inline constexpr std::string_view kUnreadSchema = "FS609";
inline constexpr std::string_view kKeywordContained = "FS610";
inline constexpr std::string_view kKeywordTwice = "FS611";
inline constexpr std::string_view kListKeyNever = "FS612";
inline constexpr std::string_view kExceptionOver = "FS613";
inline constexpr std::string_view kMessageGap = "FS614";
inline constexpr std::string_view kExceptionAll = "FS615";
inline constexpr std::string_view kWindowAlone = "FS616";
inline constexpr std::string_view kExceptionIdle = "FS617";

// Unit tests of rules.
inline constexpr std::string_view kTestRule = "FS701";
inline constexpr std::string_view kTestType = "FS702";
inline constexpr std::string_view kTestField = "FS703";
inline constexpr std::string_view kTestTime = "FS704";
inline constexpr std::string_view kTestWord = "FS705";
inline constexpr std::string_view kTestName = "FS706";
inline constexpr std::string_view kTestBoth = "FS707";
inline constexpr std::string_view kTestDisabled = "FS708";
inline constexpr std::string_view kTestIdle = "FS709";
inline constexpr std::string_view kTestTwice = "FS710";

// Said by rules.md, not built yet.
inline constexpr std::string_view kLaterPolicy = "FS910";

}  // namespace fengsui::rules::code
