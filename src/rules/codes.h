// The codes of findings, each with its page in explanations.cc. A code, once given out, keeps its
// meaning; what a later version no longer reports leaves a gap.
#pragma once

namespace fengsui::rules::code {

// Files.
inline constexpr const char* kFolder = "FS001";
inline constexpr const char* kUnreadable = "FS002";
inline constexpr const char* kTooLarge = "FS003";
inline constexpr const char* kEncoding = "FS004";
inline constexpr const char* kControlCharacter = "FS005";
inline constexpr const char* kEmptyFile = "FS006";
inline constexpr const char* kStrayFile = "FS007";
inline constexpr const char* kUnusableName = "FS008";

// YAML.
inline constexpr const char* kYamlSyntax = "FS101";
inline constexpr const char* kAnchor = "FS102";
inline constexpr const char* kTag = "FS103";
inline constexpr const char* kDuplicateKey = "FS104";
inline constexpr const char* kComplexKey = "FS105";
inline constexpr const char* kTooDeep = "FS106";
inline constexpr const char* kDocuments = "FS107";
inline constexpr const char* kWrongKind = "FS108";
inline constexpr const char* kUnknownKey = "FS109";
inline constexpr const char* kMissingKey = "FS110";
inline constexpr const char* kUnknownTimezone = "FS111";

// Lists, keywords, areas.
inline constexpr const char* kCsvSyntax = "FS201";
inline constexpr const char* kCsvRagged = "FS202";
inline constexpr const char* kCsvKeyTwice = "FS203";
inline constexpr const char* kCsvHeader = "FS204";
inline constexpr const char* kNoKeywords = "FS205";
inline constexpr const char* kUnknownParent = "FS206";
inline constexpr const char* kAreaCycle = "FS207";
inline constexpr const char* kAreaPlace = "FS208";

// Schemas.
inline constexpr const char* kUnknownWord = "FS301";
inline constexpr const char* kFieldType = "FS302";
inline constexpr const char* kWordOfOtherType = "FS303";
inline constexpr const char* kBadLimit = "FS304";
inline constexpr const char* kBadEnum = "FS305";
inline constexpr const char* kBadPattern = "FS306";
inline constexpr const char* kTypeTwice = "FS307";
inline constexpr const char* kReservedType = "FS308";
inline constexpr const char* kBadRequired = "FS309";
inline constexpr const char* kBadExtension = "FS310";
inline constexpr const char* kAreaTwice = "FS311";
inline constexpr const char* kUnknownFormat = "FS312";
inline constexpr const char* kPropertyName = "FS313";

// Rules.
inline constexpr const char* kRuleId = "FS401";
inline constexpr const char* kRuleTwice = "FS402";
inline constexpr const char* kUnknownType = "FS403";
inline constexpr const char* kFromTwice = "FS404";
inline constexpr const char* kGroupCount = "FS405";
inline constexpr const char* kGroupValue = "FS406";
inline constexpr const char* kDuration = "FS407";
inline constexpr const char* kWindow = "FS408";
inline constexpr const char* kRetain = "FS409";
inline constexpr const char* kGrade = "FS410";
inline constexpr const char* kGradeNever = "FS411";
inline constexpr const char* kChoice = "FS412";
inline constexpr const char* kLabel = "FS413";
inline constexpr const char* kLetName = "FS414";
inline constexpr const char* kNoPurpose = "FS415";
inline constexpr const char* kOtherPurpose = "FS416";
inline constexpr const char* kBrace = "FS417";
inline constexpr const char* kEmit = "FS418";
inline constexpr const char* kException = "FS419";
inline constexpr const char* kExceptionUnowned = "FS420";
inline constexpr const char* kUntil = "FS421";
inline constexpr const char* kBaseline = "FS422";
inline constexpr const char* kBaselineRetain = "FS423";
inline constexpr const char* kSeenBy = "FS424";
inline constexpr const char* kOrder = "FS425";
inline constexpr const char* kAlertsMixed = "FS426";
inline constexpr const char* kSequenceKey = "FS427";
inline constexpr const char* kSteps = "FS428";
inline constexpr const char* kStepName = "FS429";
inline constexpr const char* kStepNameHides = "FS430";
inline constexpr const char* kDefName = "FS431";
inline constexpr const char* kDefCycle = "FS432";
inline constexpr const char* kDefUnused = "FS433";
inline constexpr const char* kDefTooLarge = "FS434";

// Expressions.
inline constexpr const char* kSyntax = "FS501";
inline constexpr const char* kUnknownName = "FS502";
inline constexpr const char* kTypeMismatch = "FS503";
inline constexpr const char* kUnknownFunction = "FS504";
inline constexpr const char* kNotHere = "FS505";
inline constexpr const char* kProtected = "FS506";
inline constexpr const char* kOptionalField = "FS507";
inline constexpr const char* kBadConstant = "FS508";
inline constexpr const char* kAggregate = "FS509";
inline constexpr const char* kNoAggregate = "FS510";
inline constexpr const char* kNoBaseline = "FS511";

// Not wrong, and yet not meant: warnings.
inline constexpr const char* kGradeHidden = "FS601";
inline constexpr const char* kContradiction = "FS602";
inline constexpr const char* kIdlePart = "FS603";
inline constexpr const char* kNotInEnum = "FS604";
inline constexpr const char* kBeyondLimits = "FS605";
inline constexpr const char* kUnusedList = "FS606";
inline constexpr const char* kUnusedKeywords = "FS607";
inline constexpr const char* kUnusedDef = "FS608";
inline constexpr const char* kUnreadSchema = "FS609";
inline constexpr const char* kKeywordContained = "FS610";
inline constexpr const char* kKeywordTwice = "FS611";
inline constexpr const char* kListKeyNever = "FS612";
inline constexpr const char* kExceptionOver = "FS613";
inline constexpr const char* kMessageGap = "FS614";
inline constexpr const char* kExceptionAll = "FS615";
inline constexpr const char* kWindowAlone = "FS616";
inline constexpr const char* kExceptionIdle = "FS617";

// Unit tests of rules.
inline constexpr const char* kTestRule = "FS701";
inline constexpr const char* kTestType = "FS702";
inline constexpr const char* kTestField = "FS703";
inline constexpr const char* kTestTime = "FS704";
inline constexpr const char* kTestWord = "FS705";
inline constexpr const char* kTestName = "FS706";
inline constexpr const char* kTestBoth = "FS707";
inline constexpr const char* kTestDisabled = "FS708";
inline constexpr const char* kTestIdle = "FS709";
inline constexpr const char* kTestTwice = "FS710";

// Said by rules.md, not built yet.
inline constexpr const char* kLaterPolicy = "FS910";

}  // namespace fengsui::rules::code
