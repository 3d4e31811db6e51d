import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';

/** As browsers count it for `maxlength`: in UTF-16 code units. */
const MOST_CHARACTERS = 280;

/** The text of a notice, out of whatever was posted. */
@Injectable()
export class NoticeTextPipe implements PipeTransform<unknown, string> {
  /** @throws BadRequestException with `code: 'notice-text'` */
  transform(body: unknown): string {
    const { text } = (body ?? {}) as { text?: unknown };
    const trimmed = typeof text === 'string' ? text.trim() : '';
    if (trimmed === '' || trimmed.length > MOST_CHARACTERS) {
      const message = `'text' must be a string of 1 to ${MOST_CHARACTERS} characters, beside white space at its ends`;
      throw new BadRequestException({
        statusCode: 400,
        error: 'Bad Request',
        code: 'notice-text',
        field: 'text',
        message,
      });
    }
    return trimmed;
  }
}
