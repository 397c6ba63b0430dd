//! The table of switches, with what each of them changes and where `docs/cleeng-api.md` speaks of it.

use std::fmt;

use super::help::QuirkHelp;
use super::macros::quirks;

/// The one switch whose values are names.
const LIST_OMITS: &str = "list-omits";

quirks! {
    /// Form of `active` (docs/cleeng-api.md §2.0)
    active: ActiveForm = "active" {
        /// `true`, `false`.
        Bool = "bool",
        /// `1`, `0`.
        Number = "number",
        /// `"1"`, `"0"`.
        Text = "string",
        /// `"true"`, `"false"`.
        Words = "words",
    }
    /// What the answer of a deactivation says of `active`; the documented pass sample still says active (docs/cleeng-api.md §2.0)
    deactivate_answers: DeactivateAnswers = "deactivate-answers" {
        /// Inactive, as it is.
        Inactive = "inactive",
        /// Active, as it was.
        Active = "active",
    }
    /// Form of prices, but for VOD, whose prices are always texts of four decimals (docs/cleeng-api.md §2.0)
    price: PriceForm = "price" {
        /// `12.34`.
        Number = "number",
        /// `"12.34"`.
        Text = "string",
    }
    /// Form of `totalItemCount` (docs/cleeng-api.md §3)
    total: TotalForm = "total" {
        /// `2`.
        Number = "number",
        /// `"2"`.
        Text = "string",
    }
    /// Form of a list of tags without tags (docs/cleeng-api.md §2.0)
    empty_tags: EmptyTags = "empty-tags" {
        /// `[]`.
        List = "list",
        /// `[""]`.
        Blank = "blank",
    }
    /// Form of an optional text without text (docs/cleeng-api.md §2.0)
    empty: EmptyText = "empty" {
        /// `""`.
        Text = "text",
        /// `null`.
        Null = "null",
        /// The member is not there.
        Absent = "absent",
    }
    /// Form of the one of `period` and `expiresAt` that an offer does not use (docs/cleeng-api.md §2.3 and §2.4)
    unused_term: UnusedTerm = "unused-term" {
        /// The member is not there.
        Absent = "absent",
        /// `null`; subscriptions then have `"expiresAt":null`.
        Null = "null",
    }
    /// Form of times (docs/cleeng-api.md §2.0)
    timestamps: TimestampForm = "timestamps" {
        /// `1384263564`.
        Number = "number",
        /// `"1384263564"`.
        Text = "string",
    }
    /// Form of `applicableTaxRate` (docs/cleeng-api.md §2.0)
    tax_rate: TaxRateForm = "tax-rate" {
        /// `"0.21"`, but the integer `0` in events, since one client library reads nothing else there.
        Mixed = "mixed",
        /// `"0.21"` everywhere.
        Text = "string",
        /// `0.21` everywhere.
        Number = "number",
    }
    /// Form of a rental's `period` (docs/cleeng-api.md §2.2)
    rental_period: RentalPeriodForm = "rental-period" {
        /// `"48"`.
        Text = "string",
        /// `48`.
        Number = "number",
    }
    /// Whether every result has `country`, as the client libraries' types declare, or only those whose documented samples have it (docs/cleeng-api.md §2.0)
    country: CountryShown = "country" {
        /// Every type.
        Always = "always",
        /// Subscriptions, passes and events.
        AsSamples = "as-samples",
    }
    /// Form of a background image in results (docs/cleeng-api.md §2.0)
    image: ImageForm = "image" {
        /// An object of `small`, `medium` and `large`; null without an image, since one client library cannot read `[]`.
        Object = "object",
        /// The same, but `[]` without an image, as PHP writes an empty object.
        ObjectOrList = "object-or-list",
        /// The address as it was sent.
        Text = "string",
    }
    /// Who the publisher is in results (docs/cleeng-api.md §2.0)
    publisher: PublisherForm = "publisher" {
        /// `publisherEmail`.
        Email = "email",
        /// `publisherId`.
        Id = "id",
    }
    /// What items of lists say of `contentExternalId` and `contentExternalData` without them (docs/cleeng-api.md §2.0)
    list_externals: ListExternals = "list-externals" {
        /// The same as elsewhere.
        AsElsewhere = "as-elsewhere",
        /// `"0"` and `null`.
        Zeroed = "zeroed",
    }
    /// The price of a VOD in results (docs/cleeng-api.md §2.0)
    vod_price: VodPrice = "vod-price" {
        /// As it was sent.
        Gross = "gross",
        /// Without the account's tax.
        Net = "net",
    }
    /// Whether VOD items of lists have `applicableTaxRate` (docs/cleeng-api.md §2.6)
    vod_tax_rate: VodTaxRate = "vod-tax-rate" {
        /// They have.
        Shown = "shown",
        /// They have not.
        Hidden = "hidden",
    }
    /// Members of the VOD items of lists (docs/cleeng-api.md §2.6, §11)
    vod_list: VodList = "vod-list" {
        /// The smaller set that two client libraries declare, with the image as the text `background`.
        Reduced = "reduced",
        /// The documented full set.
        Full = "full",
    }
    /// Shape of the answer of `deactivateVodOffer` (docs/cleeng-api.md §2.6)
    vod_deactivate: VodDeactivate = "vod-deactivate" {
        /// The offer itself.
        Bare = "bare",
        /// The offer inside `vod`, as the other VOD methods answer.
        Wrapped = "wrapped",
    }
    /// Whether VOD results have `active`, which no documented list of their members names (docs/cleeng-api.md §2.6)
    vod_active: VodActive = "vod-active" {
        /// They have not.
        Absent = "absent",
        /// They have.
        Shown = "shown",
    }
    /// Whether VOD results have `currency`, which client libraries declare and no documented list of their members names (docs/cleeng-api.md §2.6)
    vod_currency: VodCurrency = "vod-currency" {
        /// They have.
        Shown = "shown",
        /// They have not.
        Absent = "absent",
    }
    /// Which lists have the VODs (docs/cleeng-api.md §2.0: A and R do not tell them from singles and rentals)
    vod_listed: VodListed = "vod-listed" {
        /// Only `listVodOffers`.
        Once = "once",
        /// Also `listSingleOffers` (A) and `listRentalOffers` (R).
        Twice = "twice",
    }
    /// Whether each localization must bring what its page stars, or inherits it from `offerData` (docs/cleeng-api.md §4)
    row_values: RowValues = "row-values" {
        /// It inherits all but country and currency.
        Inherited = "inherited",
        /// It brings price, title and (but for rentals) url.
        Required = "required",
    }
    /// What `offerData` of a multi-currency update changes in the localizations (docs/cleeng-api.md §4)
    base_values: BaseValues = "base-values" {
        /// What they share, such as the period; each keeps its own price, title, url and description.
        Shared = "shared",
        /// All that the localization's own entry does not say.
        Whole = "whole",
    }
    /// What 0 means in an update as a price, a period or a trial (docs/cleeng-api.md §7: one library sends it for what was not set)
    update_zeros: UpdateZeros = "update-zeros" {
        /// The value 0, which is refused where it is out of bounds.
        Taken = "taken",
        /// Nothing, as if it had not been sent.
        Unset = "unset",
    }
    /// Form of the id of answers (docs/cleeng-api.md §1.1)
    response_id: ResponseId = "response-id" {
        /// Always a text.
        Text = "string",
        /// A number where the id is one.
        Number = "number",
    }
    /// Slashes in answers (docs/cleeng-api.md §1.4)
    slashes: Slashes = "slashes" {
        /// `\/`, as PHP writes them.
        Escaped = "escaped",
        /// `/`.
        Plain = "plain",
    }
    /// Characters beyond ASCII in answers (docs/cleeng-api.md §1.4)
    unicode: Unicode = "unicode" {
        /// `\uXXXX`, as PHP writes them.
        Escaped = "escaped",
        /// As they are.
        Plain = "plain",
    }
    /// Status of a REST create (docs/cleeng-api.md §5.1: not documented)
    rest_create_status: RestCreateStatus = "rest-create-status" {
        /// 201.
        Created = "201",
        /// 200, as creates of localizations answer.
        Ok = "200",
    }
    /// Body of the answer to a REST create (docs/cleeng-api.md §5.3: not documented)
    rest_create_answers: RestCreateAnswers = "rest-create-answers" {
        /// The offer, as every other write answers.
        Offer = "offer",
        /// An object with its `id` only.
        Id = "id",
    }
    /// Whether `price` of a REST create has `currency` and `taxIncluded` (docs/cleeng-api.md §5.4)
    rest_create_currency: RestCreateCurrency = "rest-create-currency" {
        /// It may; else the account's currency is taken, with tax.
        Optional = "optional",
        /// It must have a currency.
        Required = "required",
        /// It must not: they are members that nobody knows.
        Refused = "refused",
    }
    /// Status of a REST body with members or values of the wrong form (docs/cleeng-api.md §5.1)
    rest_invalid: RestInvalid = "rest-invalid" {
        /// 400, as "Input validation failed" has it.
        BadRequest = "400",
        /// 422, as rules that look at more than the form.
        Unprocessable = "422",
    }
    /// Which REST answers about one offer have an `ETag` (docs/cleeng-api.md §5.1)
    rest_etag: RestEtag = "rest-etag" {
        /// Those to requests with `If-Match` or `If-None-Match`, as documented.
        Asked = "asked",
        /// All.
        Always = "always",
        /// None.
        Never = "never",
    }
    /// Form of the `ETag` (docs/cleeng-api.md §5.1)
    rest_etag_form: RestEtagForm = "rest-etag-form" {
        /// `"3"`, with its quotes.
        Quoted = "quoted",
        /// `3`.
        Bare = "bare",
        /// `W/"3"`.
        Weak = "weak",
    }
    /// Which REST requests take ids with a country, too, as webhooks send them (docs/cleeng-api.md §5.2, §11)
    rest_long_id: RestLongId = "rest-long-id" {
        /// Gets; the paths of writes are documented with the short id.
        Gets = "gets",
        /// All of them.
        Accepted = "accepted",
        /// None.
        Refused = "refused",
    }
    /// What a REST deactivation ends (docs/cleeng-api.md §7: localizations are activated again one by one)
    rest_deactivation: RestDeactivation = "rest-deactivation" {
        /// The offer with its localizations.
        Whole = "whole",
        /// The offer; its localizations stay active.
        Alone = "alone",
    }
    /// Whether a REST patch can turn a duration into a date of expiry and back (docs/cleeng-api.md §5.5)
    rest_expiration_policy: RestExpirationPolicy = "rest-expiration-policy" {
        /// It cannot.
        Fixed = "fixed",
        /// It can, by setting the other one.
        Follows = "follows",
    }
    /// Form of optional REST texts and maps without content (docs/cleeng-api.md §5.3)
    rest_empty: RestEmpty = "rest-empty" {
        /// `""`, `{}`.
        Blank = "blank",
        /// The member is not there.
        Absent = "absent",
        /// `null`.
        Null = "null",
    }
    /// Shape of the REST list (docs/cleeng-api.md §5.2, §11: not documented)
    rest_list: RestList = "rest-list" {
        /// An array of offers.
        Array = "array",
        /// An object with the offers in `items`.
        Items = "items",
        /// An object with the offers in `data`, as the list of subscriptions has them.
        Data = "data",
    }
    /// What the REST list shows without the parameter `active` (docs/cleeng-api.md §5.2: not documented)
    rest_list_default: RestListDefault = "rest-list-default" {
        /// All offers.
        All = "all",
        /// The active ones.
        Active = "active",
    }
    /// Whether the REST list listens to the parameter `active` (docs/cleeng-api.md §5.2)
    rest_active_filter: RestActiveFilter = "rest-active-filter" {
        /// It does.
        Honoured = "honoured",
        /// It does not, and shows what it shows without.
        Ignored = "ignored",
    }
    /// How the REST list is paged (docs/cleeng-api.md §11: not documented; the list of subscriptions has an offset)
    rest_paging: RestPaging = "rest-paging" {
        /// By the parameter `offset`, counted from 0.
        Offset = "offset",
        /// By the parameter `page`, counted from 1.
        Page = "page",
        /// Not at all: everything is in one answer.
        Whole = "whole",
        /// It shows its first page, whatever is asked.
        First = "first",
    }
    /// The parameter for the length of a page of the REST list (docs/cleeng-api.md §5.7 has that of another API)
    rest_page_param: RestPageParam = "rest-page-param" {
        /// `limit`.
        Limit = "limit",
        /// `pageLimit`.
        PageLimit = "pageLimit",
        /// `pageSize`.
        PageSize = "pageSize",
        /// `perPage`.
        PerPage = "perPage",
        /// None: every page has the same length.
        None = "none",
    }
    /// Offers of a page of the REST list if the request does not say (docs/cleeng-api.md §11 has 20, §5.7 has 15 of another API)
    rest_page_items: RestPageItems = "rest-page-items" {
        /// 20, as the list of subscriptions.
        Twenty = "20",
        /// 100.
        Hundred = "100",
        /// 15.
        Fifteen = "15",
        /// 2.
        Two = "2",
    }
    /// Most offers of a page of the REST list (docs/cleeng-api.md §11: the list of subscriptions has 100; JSON-RPC has 200)
    rest_page_most: RestPageMost = "rest-page-most" {
        /// 100.
        Hundred = "100",
        /// 200.
        TwoHundred = "200",
        /// 3.
        Three = "3",
    }
    /// What a request for more offers than a page of the REST list can have gets (docs/cleeng-api.md §5.2: not documented)
    rest_page_over: RestPageOver = "rest-page-over" {
        /// 400, as a number out of bounds.
        Refused = "refused",
        /// As many as there can be.
        Clamped = "clamped",
    }
    /// Where the REST list tells how many offers there are; a bare array has no room for it (docs/cleeng-api.md §11)
    rest_total: RestTotal = "rest-total" {
        /// In the header `X-Total-Count`, as the list of subscriptions.
        Header = "header",
        /// Nowhere.
        None = "none",
        /// In `totalItemCount` beside the offers.
        Body = "body",
        /// In both.
        Both = "both",
    }
    /// Whether a page of the REST list has a `Link` to the next one (docs/cleeng-api.md §5.2: not documented)
    rest_link: RestLink = "rest-link" {
        /// It has not.
        None = "none",
        /// It has, unless it is the last one.
        Next = "next",
    }
}
